export type Effect =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: unknown
    }
  | { readonly kind: 'raw'; readonly text: string }
  | { readonly kind: 'huge'; readonly bytes: number }
  | { readonly kind: 'drop' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Replaces fields of the document that is read. */
  | { readonly kind: 'lie'; readonly fields: Readonly<Record<string, unknown>> }
  /** Makes something else of the text that a GET would bring. */
  | { readonly kind: 'mutate'; readonly change: (text: string) => string }
  | { readonly kind: 'expire' }
  | { readonly kind: 'ignore-boot' }
  | { readonly kind: 'fail-task' }

/** One row of a script: what happens to requests that fit, from the `after`th on, so many `times`. */
export interface Fault {
  readonly method?: string
  readonly path?: RegExp
  readonly after?: number
  readonly times?: number
  readonly effect: Effect
}

const said = (id: string, Message: string) => ({
  error: { '@Message.ExtendedInfo': [{ MessageId: `Base.1.8.${id}`, Message }] },
})
const SYSTEM = /\/Systems\/[^/]+\/?$/
const RESET = /ComputerSystem\.Reset$/
const busy = (status: number, id: string, words: string, seconds: string): Effect => ({
  kind: 'answer',
  status,
  headers: { 'retry-after': seconds },
  body: said(id, words),
})

/** What goes wrong with BMCs, as scripts; `lessons` of the peers name where each was met. */
export const FAULT_SCRIPTS = {
  slow: [{ effect: { kind: 'delay', ms: 30 } }],
  'busy-for-a-moment': [
    { method: 'GET', path: SYSTEM, times: 2, effect: busy(503, 'ServiceTemporarilyUnavailable', 'Wait.', '0') },
  ],
  'busy-for-ever': [{ method: 'GET', path: SYSTEM, effect: busy(503, 'ServiceTemporarilyUnavailable', 'Wait.', '0') }],
  'no-sessions': [{ path: /\/Sessions$/, effect: { kind: 'answer', status: 405 } }],
  'conflict-on-power': [
    { path: RESET, effect: { kind: 'answer', status: 409, body: said('ResourceInUse2', 'The system is in POST.') } },
  ],
  'busy-on-power': [{ path: RESET, effect: busy(503, 'ServiceTemporarilyUnavailable', 'The system settles.', '0') }],
  'power-is-Reset': [{ path: SYSTEM, effect: { kind: 'lie', fields: { PowerState: 'Reset' } } }],
  'power-is-unheard-of': [{ path: SYSTEM, effect: { kind: 'lie', fields: { PowerState: 'Napping' } } }],
  'power-is-null': [{ path: SYSTEM, effect: { kind: 'lie', fields: { PowerState: null } } }],
  'power-lies': [{ path: SYSTEM, effect: { kind: 'lie', fields: { PowerState: 'Off' } } }],
  'boot-ignored': [{ effect: { kind: 'ignore-boot' } }],
  'task-fails': [{ effect: { kind: 'fail-task' } }],
  'token-expires': [{ path: SYSTEM, method: 'GET', after: 1, times: 1, effect: { kind: 'expire' } }],
  'token-never-valid': [{ path: SYSTEM, effect: { kind: 'expire' } }],
  silence: [{ path: SYSTEM, effect: { kind: 'silence' } }],
  drops: [{ path: SYSTEM, effect: { kind: 'drop' } }],
  'drops-once': [{ method: 'GET', path: SYSTEM, times: 1, effect: { kind: 'drop' } }],
  'broken-json': [{ path: SYSTEM, effect: { kind: 'raw', text: '{"PowerState": "On", ' } }],
  html: [{ path: SYSTEM, effect: { kind: 'raw', text: '<html>Please log in</html>' } }],
  empty: [{ path: SYSTEM, effect: { kind: 'raw', text: '' } }],
  'wrong-types': [{ path: SYSTEM, effect: { kind: 'lie', fields: { PowerState: ['On'], Actions: 7, Boot: 'Pxe' } } }],
  huge: [{ path: SYSTEM, effect: { kind: 'huge', bytes: 10_000_000 } }],
  deep: [{ path: SYSTEM, effect: { kind: 'raw', text: `${'{"a":['.repeat(50_000)}${']}'.repeat(50_000)}` } }],
  'redirect-loop': [
    { path: SYSTEM, effect: { kind: 'answer', status: 308, headers: { location: '/redfish/v1/Systems/x/../1' } } },
    { path: /Systems\/(1|x)/, effect: { kind: 'answer', status: 308, headers: { location: '/redfish/v1/Systems/1' } } },
  ],
  'redirect-away': [
    { path: SYSTEM, effect: { kind: 'answer', status: 307, headers: { location: 'https://203.0.113.9/redfish/v1/' } } },
  ],
  'links-away': [
    {
      path: /\/Systems\/?$/,
      effect: { kind: 'lie', fields: { Members: [{ '@odata.id': '//203.0.113.9/redfish/v1/Systems/1' }] } },
    },
  ],
  'endless-collection': [
    { path: /\/Systems\/?$/, effect: { kind: 'lie', fields: { 'Members@odata.nextLink': '/redfish/v1/Systems' } } },
  ],
  'no-systems': [{ path: /\/Systems\/?$/, effect: { kind: 'lie', fields: { Members: [] } } }],
} as const satisfies Record<string, readonly Fault[]>

export type FaultName = keyof typeof FAULT_SCRIPTS

/** Follows a script: what befalls each request. */
export class FaultScript {
  #rows: { row: Fault; seen: number }[] = []

  set(rows: readonly Fault[]): void {
    this.#rows = rows.map(row => ({ row, seen: 0 }))
  }

  take(method: string, path: string): Effect[] {
    return this.#rows
      .filter(({ row }) => (row.method ?? method) === method && (row.path?.test(path) ?? true))
      .filter(counted => {
        counted.seen += 1
        const past = counted.seen - (counted.row.after ?? 0)
        return past > 0 && past <= (counted.row.times ?? Number.POSITIVE_INFINITY)
      })
      .map(({ row }) => row.effect)
  }
}
