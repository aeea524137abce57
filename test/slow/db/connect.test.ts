import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/db/connect.ts'
import { SILENT } from '../../../src/db/log.ts'
import { useEmptyDatabase } from '../../support/database.ts'

const { url } = useEmptyDatabase()

test('a pool whose connections are all busy says so after a while', async () => {
  const small = openDatabase({ url, log: SILENT, poolSize: 1 })
  const busy = sql`select pg_sleep(6)`.execute(small)
  await expect(sql`select 1`.execute(small)).rejects.toMatchObject({ code: 'try_again' })
  await busy
  await small.destroy()
})
