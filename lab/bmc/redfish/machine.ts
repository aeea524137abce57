export type MachinePower = 'on' | 'off' | 'powering-on' | 'powering-off' | 'resetting'
export type MachineAction = 'on' | 'off' | 'cycle' | 'reset' | 'soft-off' | 'nmi'

export interface MachineBoot {
  target: string
  enabled: 'Disabled' | 'Once' | 'Continuous'
  mode: 'UEFI' | 'Legacy'
}

/** What stands behind a virtual service: a simulated machine, or one of another kind. */
export interface Machine {
  readonly power: () => MachinePower
  readonly act: (action: MachineAction) => void
  /** The override that its next start obeys. */
  readonly boot: MachineBoot
  /** What each start booted from: `disk` without an override. */
  readonly starts: readonly string[]
}

/** A machine without a body: `settleMs` passes between an action and its effect. */
export function simulateMachine({ settleMs = 0 }: { settleMs?: number } = {}): Machine {
  let power: MachinePower = 'off'
  let settled = 0
  let then: 'on' | 'off' = 'off'
  const starts: string[] = []
  const boot: MachineBoot = { target: 'None', enabled: 'Disabled', mode: 'UEFI' }

  function settle(): void {
    if (power === 'on' || power === 'off' || performance.now() < settled) return
    power = then
    if (then === 'off') return
    starts.push(boot.enabled === 'Disabled' ? 'disk' : boot.target)
    if (boot.enabled === 'Once') Object.assign(boot, { enabled: 'Disabled', target: 'None' })
  }

  function move(by: MachinePower, to: 'on' | 'off'): void {
    power = by
    then = to
    settled = performance.now() + settleMs
    settle()
  }

  const actions: Record<MachineAction, () => void> = {
    on: () => power === 'off' && move('powering-on', 'on'),
    off: () => power !== 'off' && move('powering-off', 'off'),
    'soft-off': () => power === 'on' && move('powering-off', 'off'),
    cycle: () => move('resetting', 'on'),
    reset: () => power === 'on' && move('resetting', 'on'),
    nmi: () => undefined,
  }
  return {
    boot,
    starts,
    power: () => {
      settle()
      return power
    },
    act: action => {
      settle()
      actions[action]()
    },
  }
}
