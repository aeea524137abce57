import { Option } from 'commander'
import { ROLES, type Role } from '../../api/contract/endpoint.ts'
import { tokenCreate, tokenList, tokenRevoke } from '../../api/contract/tokens.ts'
import type { ReplyOf } from '../../api/contract/endpoint.ts'
import type { Define } from '../define.ts'
import { doEach } from '../each.ts'
import { examples } from '../examples.ts'
import { addListOptions, chooseColumns, type ListOptions, printList } from '../lists.ts'
import type { Session } from '../session.ts'
import { requireConsent } from '../terminal/ask.ts'
import type { Column } from '../terminal/table.ts'
import { momentOf } from '../time.ts'
import { createLocally } from './local.ts'

type Token = ReplyOf<typeof tokenList>['items'][number]

const COLUMNS: readonly Column<Token>[] = [
  { name: 'name', value: token => token.name },
  { name: 'role', value: token => token.role },
  { name: 'team', value: token => token.team },
  { name: 'expiresAt', value: token => token.expiresAt ?? 'never' },
  { name: 'lastUsedAt', value: token => token.lastUsedAt },
  { name: 'createdBy', value: token => token.createdBy },
  { name: 'createdAt', value: token => token.createdAt },
]

interface CreateOptions {
  role: Role
  team?: string
  expires?: string
  local?: boolean
}

export const defineToken: Define = (command, session) => {
  command
    .command('create <name>')
    .description('make a token; it is printed this once, and nothing else is on standard output')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--team <team>', 'for whom a developer asks')
    .option('--expires <time>', '30d, 12h, or a time such as 2026-12-24T18:00:00Z (default: never)')
    .option('--local', 'without a controller, straight in the database of the configuration: for a lost admin token')
    .addHelpText(
      'after',
      examples(
        'rackwright token create ci --role operator --expires 90d',
        'rackwright token create ada --role developer --team playlists',
        'RACKWRIGHT_TOKEN=$(rackwright token create rescue --role admin --expires 1h --local)',
      ),
    )
    .action((name: string, options: CreateOptions) => create(session, name, options))
  addListOptions(command.command('list').description('list the tokens that are valid, without their secrets'))
    .addHelpText('after', examples('rackwright token list', 'rackwright token list --columns name,role,lastUsedAt'))
    .action(async (options: ListOptions) => {
      const columns = chooseColumns(COLUMNS, options)
      const { items } = await session.client().call(tokenList, {})
      await printList(session.out, columns, [items], options)
    })
  command
    .command('revoke <name...>')
    .description('make tokens invalid, at once')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', examples('rackwright token revoke ci', 'rackwright token revoke ci ada --yes'))
    .action((names: string[], { yes }: { yes?: boolean }) => revoke(session, names, yes))
}

async function create(session: Session, name: string, { role, team, expires, local }: CreateOptions): Promise<void> {
  const expiresAt = expires === undefined ? undefined : momentOf(expires, '--expires', new Date())
  const wanted = { name, role, ...(team && { team }), ...(expiresAt && { expiresAt }) }
  const created = local
    ? await createLocally(session, wanted)
    : await session.client().call(tokenCreate, { body: wanted })
  const { out } = session
  if (out.json) return out.value(created)
  out.line(created.token)
  out.note(
    `The token ${name} is shown this once (${role}, ${expiresAt ? `until ${expiresAt}` : 'without end'}). Put it into RACKWRIGHT_TOKEN.`,
  )
}

async function revoke(session: Session, names: readonly string[], yes: boolean | undefined): Promise<void> {
  const question = `Revoke ${names.join(', ')}? Whoever uses ${names.length === 1 ? 'it' : 'them'} is refused from now on.`
  if (!(await requireConsent(session.around, { yes, question }))) return session.out.note('Nothing was revoked.')
  const client = session.client()
  await doEach(
    session,
    names.map(name => ({ name })),
    async ({ name }) => {
      await client.call(tokenRevoke, { params: { name } })
      return { name, done: 'revoked' }
    },
  )
}
