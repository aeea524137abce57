import type { Handler } from '../handler.ts'
import { APP } from './app.ts'
import { CHASSIS } from './chassis.ts'
import { GROUP } from './group.ts'
import { PAYLOAD } from './payload.ts'
import { SENSOR } from './sensor.ts'
import { STORAGE } from './storage.ts'
import { TRANSPORT } from './transport.ts'
import { USERS } from './users.ts'

/** By network function and command. */
export const HANDLERS: ReadonlyMap<number, Handler> = new Map([
  ...APP,
  ...CHASSIS,
  ...GROUP,
  ...PAYLOAD,
  ...SENSOR,
  ...STORAGE,
  ...TRANSPORT,
  ...USERS,
])
