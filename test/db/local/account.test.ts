import { describe, expect, test } from 'vitest'
import { chooseAccount, parsePasswd } from '../../../src/db/local/account.ts'

const ROOT = { name: 'root', uid: 0, gid: 0 }
const ALICE = { name: 'alice', uid: 1000, gid: 1000 }
const POSTGRES = { name: 'postgres', uid: 101, gid: 104 }
const RACKWRIGHT = { name: 'rackwright', uid: 995, gid: 995 }
const BOB = { uid: 1001, gid: 1001 }

describe('who runs the server', () => {
  test.each([
    ['an ordinary user: itself', 1000, undefined, [ROOT, ALICE, POSTGRES], { run: 'as we are' }],
    ['an ordinary user on its own files: itself', 1000, ALICE, [ROOT, ALICE], { run: 'as we are' }],
    [
      'root: rackwright before postgres',
      0,
      undefined,
      [ROOT, POSTGRES, RACKWRIGHT],
      { run: 'as', account: RACKWRIGHT },
    ],
    ['root: postgres', 0, undefined, [ROOT, POSTGRES, ALICE], { run: 'as', account: POSTGRES }],
    ['root without either: a new user', 0, undefined, [ROOT, ALICE], { run: 'as a new user' }],
    ['root on files: their owner', 0, ALICE, [ROOT, POSTGRES, ALICE], { run: 'as', account: ALICE }],
    [
      'root on files of a user without a name',
      0,
      BOB,
      [ROOT, POSTGRES],
      { run: 'as', account: { name: 'uid 1001', ...BOB } },
    ],
  ])('%s', (_what, uid, owner, passwd, choice) => {
    expect(chooseAccount(uid, owner && { uid: owner.uid, gid: owner.gid }, passwd)).toEqual(choice)
  })

  test('an ordinary user cannot run the server of another one', () => {
    expect(() => chooseAccount(1000, { uid: 101, gid: 104 }, [ROOT, ALICE, POSTGRES])).toThrow(
      'The database files belong to postgres, and this is alice. Start it as postgres or as root, or give another `dataDir`.',
    )
  })

  test('files of root are told before PostgreSQL refuses them', () => {
    expect(() => chooseAccount(0, ROOT, [ROOT, POSTGRES])).toThrow(
      /belong to root, and PostgreSQL does not run as root.*chown/,
    )
  })
})

test('reads passwd(5)', () => {
  expect(parsePasswd('root:x:0:0:root:/root:/bin/sh\n\n# remark\npostgres:x:101:104:,,,:/var/lib:/bin/sh\n')).toEqual([
    ROOT,
    POSTGRES,
  ])
})
