import { readFile, stat } from 'node:fs/promises'
import { AppError } from '../../lib/errors.ts'
import { type Account, runCommand } from './commands.ts'
import type { Layout } from './layout.ts'

/** Our own user comes first, then the one that PostgreSQL's packages make. */
const UNPRIVILEGED = ['rackwright', 'postgres'] as const
const COMMAND_TIMEOUT_MS = 20_000
/** A system user without a home and a login: util-linux and Debian, then Alpine's busybox. */
const CREATE_USER = [
  {
    file: 'useradd',
    args: ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', 'rackwright'],
  },
  { file: 'adduser', args: ['-S', '-D', '-H', '-s', '/sbin/nologin', 'rackwright'] },
] as const

export type AccountChoice = { run: 'as we are' } | { run: 'as'; account: Account } | { run: 'as a new user' }

/**
 * Decides who runs the server: PostgreSQL refuses to be root, and its files belong to one user.
 * @param owner of existing files, undefined when there are none yet
 * @throws AppError `invalid_config` when those files belong to somebody we cannot be.
 */
export function chooseAccount(
  ourUid: number,
  owner: { uid: number; gid: number } | undefined,
  passwd: readonly Account[],
): AccountChoice {
  const nameOf = (uid: number) => passwd.find(user => user.uid === uid)?.name ?? `uid ${uid}`
  if (owner && owner.uid !== ourUid && ourUid !== 0)
    throw new AppError(
      'invalid_config',
      `The database files belong to ${nameOf(owner.uid)}, and this is ${nameOf(ourUid)}`,
      {
        fix: `Start it as ${nameOf(owner.uid)} or as root, or give another \`dataDir\`.`,
      },
    )
  if (ourUid !== 0) return { run: 'as we are' }
  if (owner?.uid === 0)
    throw new AppError('invalid_config', 'The database files belong to root, and PostgreSQL does not run as root', {
      fix: 'Give them to an unprivileged user: `chown -R USER` on `pgdata` in the data directory.',
    })
  if (owner) return { run: 'as', account: { name: nameOf(owner.uid), ...owner } }
  const [account] = UNPRIVILEGED.flatMap(name => passwd.filter(user => user.name === name && user.uid !== 0))
  return account ? { run: 'as', account } : { run: 'as a new user' }
}

/** passwd(5): name:password:uid:gid:… */
export function parsePasswd(text: string): Account[] {
  return text.split('\n').flatMap(line => {
    const [name, , uid, gid] = line.split(':')
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}

/** The account to run the server as; undefined means: as we are. Makes the user `rackwright` where root has nobody else. */
export async function serverAccount(layout: Layout): Promise<Account | undefined> {
  const owner = await stat(layout.files).catch(() => undefined)
  const choice = chooseAccount(
    process.getuid?.() ?? -1,
    owner && { uid: owner.uid, gid: owner.gid },
    await readPasswd(),
  )
  if (choice.run === 'as we are') return undefined
  return choice.run === 'as' ? choice.account : createAccount()
}

async function readPasswd(): Promise<Account[]> {
  return parsePasswd(await readFile('/etc/passwd', 'utf8').catch(() => ''))
}

async function createAccount(): Promise<Account> {
  const failures: string[] = []
  for (const { file, args } of CREATE_USER) {
    await runCommand(file, args, { timeoutMs: COMMAND_TIMEOUT_MS }).catch((error: Error) =>
      failures.push(error.message),
    )
    const account = (await readPasswd()).find(user => user.name === 'rackwright')
    if (account) return account
  }
  throw new AppError(
    'invalid_config',
    `PostgreSQL does not run as root, and no user could be made for it: ${failures.join(' ')}`,
    {
      fix: 'Start it as an ordinary user, or make a user `rackwright`.',
    },
  )
}

/** @throws AppError `invalid_config` naming the first directory on the way that `account` may not enter. */
export async function requireReachable(layout: Layout, account: Account | undefined): Promise<void> {
  if (!account) return
  const parts = layout.dataDir.split('/').slice(1)
  const way = parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
  // Only the kernel knows (modes, ACLs, mount options): ask it as that user.
  const script = 'for d do [ -x "$d" ] || { printf %s "$d"; exit 0; }; done'
  const closed = await runCommand('/bin/sh', ['-c', script, 'sh', ...way], { account, timeoutMs: COMMAND_TIMEOUT_MS })
  if (!closed) return
  throw new AppError('invalid_config', `The database runs as user ${account.name}, who may not enter ${closed}`, {
    fix: `Give a \`dataDir\` elsewhere, for example /var/lib/rackwright, or let others pass: \`chmod o+x ${closed}\`.`,
  })
}
