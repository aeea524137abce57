import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppError } from '../../src/lib/errors.ts'
import { openKeyFile, sealerFrom } from '../../src/lib/secrets.ts'

const sealer = sealerFrom(Buffer.alloc(32, 7))
let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'rackwright-secrets-'))
})
afterAll(() => rm(directory, { recursive: true }))

test('what is sealed opens again, and never looks the same twice', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const [one, two] = [sealer.seal(text, 'test'), sealer.seal(text, 'test')]
      expect(one.equals(two)).toBe(false)
      expect(sealer.unseal(one, 'test')).toBe(text)
    }),
  )
})

test('one flipped bit, one missing byte, another purpose or key: it does not open', () => {
  const sealed = sealer.seal('hunter2', 'test')
  for (let at = 0; at < sealed.length; at++) {
    const damaged = Buffer.from(sealed)
    damaged.writeUInt8((damaged[at] ?? 0) ^ 1, at)
    expect(() => sealer.unseal(damaged, 'test')).toThrow(AppError)
    expect(() => sealer.unseal(sealed.subarray(0, at), 'test')).toThrow(AppError)
  }
  expect(() => sealer.unseal(sealed, 'other')).toThrow(/other/)
  expect(() => sealerFrom(Buffer.alloc(32, 8)).unseal(sealed, 'test')).toThrow(AppError)
})

test('a fingerprint names the key and tells nothing of it', () => {
  expect(sealerFrom(Buffer.alloc(32, 7)).fingerprint).toBe(sealer.fingerprint)
  expect(sealerFrom(Buffer.alloc(32, 8)).fingerprint).not.toBe(sealer.fingerprint)
  expect(sealer.digest('a')).not.toBe(sealerFrom(Buffer.alloc(32, 8)).digest('a'))
})

test('many starters at once make one key, which only its owner can read', async () => {
  const file = path.join(directory, 'race.key')
  const sealers = await Promise.all(Array.from({ length: 20 }, () => openKeyFile(file)))
  expect(new Set(sealers.map(one => one.fingerprint)).size).toBe(1)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readFile(file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
})

test('a key that others can read, or that is none, is refused', async () => {
  const file = path.join(directory, 'bad.key')
  await writeFile(file, 'not a key', { mode: 0o600 })
  await expect(openKeyFile(file)).rejects.toThrow(/64 hexadecimal digits/)
  await chmod(file, 0o644)
  await expect(openKeyFile(file)).rejects.toThrow(/mode 644/)
})
