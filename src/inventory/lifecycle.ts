import { AppError } from '../lib/errors.ts'

/**
 * stable: waits for a request. Not stable: a job owns the machine and leaves by 'done'; a failure is a hold on it, not a
 * state. The database checks the same edges (`lifecycle_transition`), and docs/lifecycle.md draws them.
 */
export const LIFECYCLE = {
  discovered: { stable: true, on: { enroll: 'enrolled' } },
  enrolled: { stable: true, on: { commission: 'commissioning', adopt: 'in_use', retire: 'retired' } },
  commissioning: { stable: false, on: { done: 'available', abort: 'enrolled' } },
  available: { stable: true, on: { reserve: 'reserved', commission: 'commissioning', retire: 'retired' } },
  reserved: { stable: true, on: { install: 'installing', release: 'available' } },
  installing: { stable: false, on: { done: 'in_use', abort: 'reserved' } },
  in_use: { stable: true, on: { install: 'installing', recycle: 'recycling', rescue: 'rescuing' } },
  rescuing: { stable: false, on: { done: 'in_use' } },
  recycling: { stable: false, on: { done: 'available' } },
  retired: { stable: true, on: {} },
} as const

export type State = keyof typeof LIFECYCLE
export type LifecycleEvent = { [S in State]: keyof (typeof LIFECYCLE)[S]['on'] }[State]
export const STATES = Object.keys(LIFECYCLE) as readonly State[]

/** @throws AppError `invalid_transition` that lists what the state accepts. */
export function next(from: State, event: LifecycleEvent): State {
  const on: { [E in LifecycleEvent]?: State } = LIFECYCLE[from].on // a target that is no state does not compile
  const to = on[event]
  if (to) return to
  const accepted = Object.keys(on)
  throw new AppError(
    'invalid_transition',
    `'${event}' on a machine that is ${from}; accepted: ${accepted.length > 0 ? accepted.join(', ') : 'nothing'}`,
  )
}

/** Every edge, in the table's order: for the database check, the diagram and the tests. */
export function edges(): { state: State; event: LifecycleEvent; next: State }[] {
  return STATES.flatMap(state =>
    Object.entries(LIFECYCLE[state].on).map(([event, to]) => ({
      state,
      event: event as LifecycleEvent,
      next: to as State,
    })),
  )
}

/** The diagram of docs/lifecycle.md, in Mermaid. */
export function diagram(): string {
  const lines = edges().map(edge => `  ${edge.state} --> ${edge.next}: ${edge.event}`)
  return ['stateDiagram-v2', '  [*] --> discovered', '  [*] --> enrolled', ...lines, '  retired --> [*]'].join('\n')
}
