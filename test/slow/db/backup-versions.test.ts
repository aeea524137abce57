import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { backup } from '../../../src/db/backup/backup.ts'
import { restore } from '../../../src/db/backup/restore.ts'
import { migrate } from '../../../src/db/migrate.ts'
import { ask, Workshop } from '../../db/support/local.ts'

vi.setConfig({ testTimeout: 120_000 })
const workshop = new Workshop()
afterEach(() => workshop.end())

const ROWS = `insert into event (source, kind, data) select 'test', 'kind ' || n, jsonb_build_object('n', n) from generate_series(1, 20000) n`
const CONTENTS = `select jsonb_agg(to_jsonb(e) - 'txid' order by id) from event e`

test.each([
  ['system', 'npm'],
  ['npm', 'system'],
])('what %s has backed up, another major version takes (%s), with our own tables', async (from, to) => {
  const directory = await mkdtemp(join(tmpdir(), 'rackwright-versions-'))
  workshop.onEnd(() => rm(directory, { recursive: true }))
  const source = await workshop.open(await workshop.dataDir(), { postgres: from })
  const target = await workshop.open(await workshop.dataDir(), { postgres: to })
  expect(target.version.split('.')[0]).not.toBe(source.version.split('.')[0])
  await migrate({ url: source.url })
  await ask(source.url, ROWS)
  const file = join(directory, 'all.gz')
  await backup({ url: source.url, file, productVersion: '1' })
  const { header, rows } = await restore({ url: target.url, file })
  expect(header.postgres).toContain(source.version)
  expect(rows.event).toBe(20_000)
  expect(await ask(target.url, CONTENTS)).toEqual(await ask(source.url, CONTENTS))
  expect(await migrate({ url: target.url })).toEqual([])
})
