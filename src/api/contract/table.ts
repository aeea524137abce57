import { KIND_NAMES } from '../../inventory/documents/kinds.ts'
import type { Endpoint } from './endpoint.ts'
import { events } from './events.ts'
import { apply, compare, inventory } from './inventory.ts'
import {
  machineBmcPassword,
  machineCondition,
  machineEvents,
  machineHardware,
  machineLifecycle,
  profileMatch,
} from './machines.ts'
import { healthz, metrics, openapi, readyz, stock } from './system.ts'
import { tokenCreate, tokenList, tokenRevoke, whoami } from './tokens.ts'

/** Every endpoint there is: what the server must serve, the description lists, and the tests go through. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...KIND_NAMES.flatMap(kind => Object.values<Endpoint>(inventory[kind])),
  apply,
  compare,
  machineEvents,
  machineLifecycle,
  machineCondition,
  machineBmcPassword,
  machineHardware,
  profileMatch,
  stock,
  events,
  tokenList,
  tokenCreate,
  tokenRevoke,
  whoami,
  healthz,
  readyz,
  metrics,
  openapi,
]
