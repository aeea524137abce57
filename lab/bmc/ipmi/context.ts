import type { PayloadType } from '../../../src/bmc/ipmi/wire/packet.ts'
import type { BmcConfig } from './config.ts'
import type { Content } from './content/content.ts'
import type { Power } from './power.ts'
import type { BmcSession, Sessions } from './sessions.ts'
import type { SolServer } from './sol-server.ts'

/** Parts of a virtual BMC, as handlers see them. */
export interface BmcContext {
  readonly config: BmcConfig
  /** Where it is reached: consoles are told that SOL is there, too. */
  readonly port: number
  readonly content: Content
  readonly power: Power
  readonly sessions: Sessions
  readonly sol: SolServer
  /** Sends a payload in a session. */
  readonly send: (session: BmcSession, type: PayloadType, payload: Buffer) => void
  /** Sessions are gone, and nothing is answered for a while. */
  readonly reset: () => void
}
