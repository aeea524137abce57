import type { Quirk } from '../../../src/bmc/ipmi/quirks.ts'

/** What the network does to packets; rates are shares of 1. */
export interface NetworkFaults {
  readonly loss?: number
  readonly duplicate?: number
  /** Held back until the next packet has gone. */
  readonly reorder?: number
  /** One bit of the packet is turned. */
  readonly damage?: number
  /** An old packet is sent once more, some packets later. */
  readonly replay?: number
  readonly delayMs?: number
  /** Up to so much more. */
  readonly jitterMs?: number
}

/** What goes wrong while a session is set up. */
export interface SetupFaults {
  /** So many Open Session Requests are refused for want of sessions before one is heard. */
  readonly fullTimes?: number
  /** RAKP 2 carries a code that does not fit, one of zeros only (seen with suite 17), or a refusal. */
  readonly rakp2?: 'wrong-code' | 'zeros' | { status: number }
  /** A code that does not fit; or the first one is lost, and the RAKP 3 that comes again is of a session unknown. */
  readonly rakp4?: 'wrong-code' | 'lost'
  /** A RAKP 1 that comes again gets another random number, so that what was made of the first is worth nothing. */
  readonly freshRandom?: true
  /** RAKP 2 and 4 carry tag 0, as those of OpenBMC. */
  readonly zeroTags?: true
  /** The list of cipher suites is not answered. */
  readonly hidesSuites?: true
  readonly quirks?: readonly Quirk[]
}

/** What goes wrong with one command. */
export interface CommandFault {
  /** Its name in IPMI 2.0. */
  readonly command: string
  /** Completion code; without one, the command is not answered at all. */
  readonly code?: number
  /** So many times; without it, always. */
  readonly times?: number
  /** Only that soon after the machine was switched off or reset. */
  readonly afterPowerMs?: number
}

/** What a BMC does wrong, as data. */
export interface FaultScript {
  readonly network?: NetworkFaults
  readonly setup?: SetupFaults
  readonly commands?: readonly CommandFault[]
  readonly power?: {
    /** So long after an action, status tells what was before it. */
    readonly liesMs?: number
    /** So long after an action, status is refused as not supported in the present state. */
    readonly transitionalMs?: number
    /** Actions are accepted, and nothing happens. */
    readonly ignored?: true
  }
  readonly boot?: {
    /** Accepted, and read back, but the machine boots by its own order. */
    readonly ignored?: true
    /** Accepted, and what is read back is another device. */
    readonly dropsDevice?: true
  }
  readonly sol?: {
    /** Takes so many characters of a packet at most, so the rest must be sent again. */
    readonly acceptsAtMost?: number
  }
  /** After a reset nothing answers for so long, and all sessions are gone. */
  readonly resetMs?: number
}
