import type { Endpoint } from '../../api/contract/endpoint.ts'
import type { Define } from '../define.ts'

/** A person has pressed a key and waits. */
const TIMEOUT_MS = 2_000
const NAMES_MAX = 1_000

/**
 * `rackwright __complete machines -- lon1-`: names that begin like that, one a line. Says nothing when it cannot. It knows
 * the path without the contract, whose schemas take longer to load than a person waits for a completion.
 */
export const defineComplete: Define = (command, session) => {
  command
    .argument('<plural>')
    .argument('[prefix]', '', '')
    .action(async (plural: string, prefix: string) => {
      try {
        const names = await namesOf(session.client(TIMEOUT_MS), plural, prefix)
        session.out.lines(names.filter(name => name.startsWith(prefix)))
      } catch {
        // No message would help: the person has not finished the line.
      }
    })
}

interface Caller {
  open: (endpoint: Endpoint, given: object) => Promise<Response>
}

async function namesOf(client: Caller, plural: string, prefix: string): Promise<string[]> {
  const endpoint: Endpoint = { method: 'GET', path: `/v1/${plural}`, role: 'viewer', summary: '', tag: '', replies: {} }
  // What has a letter that no address, MAC or UUID has is looked for as a part of a name.
  const narrowed = plural === 'machines' && /[g-z]/.test(prefix) ? { q: prefix } : {}
  const query = plural === 'tokens' ? {} : { limit: NAMES_MAX, ...narrowed }
  const response = await client.open(endpoint, { query })
  const { items } = (await response.json()) as { items: { name: string }[] }
  return items.map(item => item.name)
}
