import type { Command } from 'commander'
import type { Session } from './session.ts'

/** Gives a command its arguments, options and action. */
export type Define = (command: Command, session: Session) => void
