import { expect } from 'vitest'
import {
  type VirtualRedfish,
  type VirtualRedfishOptions,
  startVirtualRedfish,
} from '../../../lab/bmc/redfish/server.ts'
import { Password } from '../../../src/bmc/password.ts'
import {
  openRedfish,
  type RedfishDriver,
  type RedfishLearned,
  type RedfishTarget,
} from '../../../src/bmc/redfish/driver.ts'

export const LOGIN = { user: 'admin', password: 'Correct-Horse-7' }

/** A deadline that no healthy answer needs. */
export const soon = (ms = 10_000): AbortSignal => AbortSignal.timeout(ms)

export interface Lab {
  readonly service: VirtualRedfish
  readonly driver: RedfishDriver
  readonly learned: RedfishLearned[]
}

/** A service and a driver that is to talk to it: by its certificate if there is one, else by plain HTTP. */
export async function openLab(
  options: Omit<VirtualRedfishOptions, 'login'>,
  target: Partial<RedfishTarget> = {},
): Promise<Lab> {
  const service = await startVirtualRedfish({ login: LOGIN, ...options })
  const learned: RedfishLearned[] = []
  return { service, learned, driver: openTo(service, { plainHttp: options.tls === undefined, ...target }, learned) }
}

export function openTo(
  service: VirtualRedfish,
  target: Partial<RedfishTarget>,
  learned: RedfishLearned[] = [],
): RedfishDriver {
  const password = new Password(LOGIN.password)
  const to = { address: '127.0.0.1', port: service.port, user: LOGIN.user, password, ...target }
  return openRedfish(to, { onLearned: what => learned.push(what) })
}

/** Ends both, and expects that no session was left. */
export async function end(lab: Lab | Promise<Lab>): Promise<void> {
  const { driver, service } = await lab
  await driver.close()
  const left = service.sessions.open
  await service.close()
  expect(left).toBe(0)
}
