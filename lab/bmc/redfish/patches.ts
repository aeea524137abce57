import { pathsOf } from './documents.ts'
import type { MachineBoot } from './machine.ts'
import { done, message, missing, notAllowed, notInList, notWritable, type Reply } from './reply.ts'
import type { LabAccount, State } from './state.ts'

type Body = Readonly<Record<string, unknown>>

export interface PatchFaults {
  /** Boot overrides are accepted, and forgotten. */
  readonly ignoreBoot: boolean
}

/** What a PATCH does, by its path. */
export function patch(state: State, path: string, body: Body, faults: PatchFaults): Reply {
  const at = pathsOf(state.shape)
  const inSettings = state.shape.bootIn === 'settings'
  const account = state.accounts.find(({ Id }) => `${at.accounts}/${Id}` === path)
  if (account) return patchAccount(account, body)
  switch (path) {
    case at.system:
      return 'Boot' in body && inSettings ? notWritable('Boot') : patchSystem(state, body, faults)
    case at.settings:
      return inSettings ? patchSystem(state, body, faults) : missing(path)
    case `${at.bios}/Settings`:
      return patchBios(state, body)
    case `${at.media}/Cd`:
      return state.shape.media.by === 'patch' ? patchMedia(state, body) : notAllowed
    default:
      return notAllowed
  }
}

function patchSystem(state: State, body: Body, faults: PatchFaults): Reply {
  for (const [name, value] of Object.entries(body)) {
    if (name === 'Boot') {
      const refused = patchBoot(state, value as Body, faults)
      if (refused) return refused
    } else if (name !== state.shape.lamp) return notWritable(name)
    else if (name === 'IndicatorLED' && value === 'Lit') return notInList('Lit')
    else {
      state.lamp = value === true || value === 'Blinking'
      state.machine.identify(state.lamp)
    }
  }
  return done
}

const ENABLED = ['Disabled', 'Once', 'Continuous']
const MODES = ['UEFI', 'Legacy']

type BootProperty = 'BootSourceOverrideTarget' | 'BootSourceOverrideEnabled' | 'BootSourceOverrideMode'

function patchBoot({ machine, shape, bootOrder }: State, boot: Body, { ignoreBoot }: PatchFaults): Reply | undefined {
  const asked = boot as Partial<Record<BootProperty, string>> & { readonly BootOrder?: readonly string[] }
  const { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled, BootSourceOverrideMode: mode } = asked
  if (target !== undefined && !shape.bootTargets.includes(target)) return notInList(target)
  if (enabled !== undefined && !ENABLED.includes(enabled)) return notInList(enabled)
  if (mode !== undefined && !MODES.includes(mode)) return notInList(mode)
  if (asked.BootOrder) bootOrder.splice(0, bootOrder.length, ...asked.BootOrder)
  if (ignoreBoot) return undefined
  const changes = { ...(target && { target }), ...(enabled && { enabled }), ...(mode && { mode }) }
  Object.assign(machine.boot, changes as Partial<MachineBoot>)
  return undefined
}

function patchBios(state: State, { Attributes }: Body): Reply {
  const values = Attributes as Record<string, string | number>
  const unknown = Object.keys(values).find(name => !Object.hasOwn(state.bios.now, name))
  if (unknown !== undefined) return message(400, 'PropertyUnknown', `The property ${unknown} is not known.`)
  Object.assign(state.bios.pending, values)
  return done
}

function patchMedia(state: State, { Image }: Body): Reply {
  Object.assign(state.media, { Image: Image ?? null, Inserted: typeof Image === 'string' })
  return done
}

function patchAccount(account: LabAccount, body: Body): Reply {
  const known = Object.keys(account).filter(name => name !== 'Id')
  const unknown = Object.keys(body).find(name => !known.includes(name))
  if (unknown !== undefined) return notWritable(unknown)
  // As some firmware does: the refused value stands in the answer.
  if (typeof body.Password === 'string' && body.Password.length < 8)
    return message(
      400,
      'PropertyValueFormatError',
      `The value '${body.Password}' for the property Password is too short.`,
    )
  Object.assign(account, body)
  return done
}

export function remove(state: State, path: string): Reply {
  const { accounts } = pathsOf(state.shape)
  const index = state.accounts.findIndex(({ Id }) => `${accounts}/${Id}` === path)
  if (index < 0) return missing(path)
  if (state.shape.accounts === 'slots') return notAllowed
  state.accounts.splice(index, 1)
  return done
}
