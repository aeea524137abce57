import { CommanderError } from 'commander'
import { ProblemError } from '../api/contract/client.ts'
import { AppError, type Fault, messageOf } from '../lib/errors.ts'
import { type Place, PlacedFaults, placeText } from './placed-faults.ts'
import { printable } from './terminal/text.ts'

export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** The command was called in a way that it cannot follow: exit code 2. */
export class UsageError extends Error {}

/** ^C: the command ends without a word, with the code that shells expect (128 + SIGINT). */
export class Interrupted extends Error {}

/** The command has said itself what failed: the exit code is 1 and nothing is added. */
export class ToldFailure extends Error {}

export interface Failure {
  exitCode: number
  /** For `--json`: one object, with the fields of a problem document as far as there are some. */
  problem?: {
    code: string
    detail: string
    faults?: readonly (Fault & Partial<Place>)[]
    status?: number
    requestId?: string
  }
  /** People were told already: the help was shown. */
  told?: true
}

/** What a command's error means for the one who typed it. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Interrupted) return { exitCode: EXIT.interrupted }
  if (error instanceof ToldFailure) return { exitCode: EXIT.failed }
  if (error instanceof CommanderError) return commanderFailure(error)
  if (error instanceof UsageError) return usage(error.message)
  if (error instanceof ProblemError) {
    const { code, detail, faults, status, requestId } = error.problem
    return { exitCode: EXIT.failed, problem: { code, detail, status, requestId, ...(faults && { faults }) } }
  }
  if (error instanceof AppError) {
    const { code, message, faults } = error
    return { exitCode: EXIT.failed, problem: { code, detail: message, ...(faults.length > 0 && { faults }) } }
  }
  if (error instanceof PlacedFaults) return placedFailure(error)
  return { exitCode: EXIT.failed, problem: { code: 'internal', detail: messageOf(error) } }
}

function placedFailure({ faults, message }: PlacedFaults): Failure {
  return {
    exitCode: EXIT.failed,
    problem: {
      code: 'invalid_input',
      detail: message,
      faults: faults.map(({ place, path, message: text }) => ({ ...place, path, message: text })),
    },
  }
}

const usage = (detail: string): Failure => ({ exitCode: EXIT.usage, problem: { code: 'usage', detail } })

/** Help that was asked for is no failure; help instead of a missing command is one, and has been printed. */
function commanderFailure({ code, exitCode, message }: CommanderError): Failure {
  if (exitCode === 0) return { exitCode: EXIT.done }
  if (code === 'commander.help') return { ...usage('A command is missing.'), told: true }
  return usage(sentence(message.replace(/^error: /, '')))
}

const sentence = (text: string): string => {
  const trimmed = text.trim()
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1)
}

/** Faults of files, a line each as compilers write them; else the problem's message, which ends with what to do next, and its faults. */
export function failureLines({ problem, told }: Failure): string[] {
  if (!problem || told) return []
  const faults = problem.faults ?? []
  const detail = problem.detail.split('\n').map(printable)
  if (faults[0]?.file !== undefined) return [...faults.map(placedLine), ...detail]
  const reference =
    (problem.status ?? 0) >= 500 && problem.requestId ? [`  request id: ${printable(problem.requestId)}`] : []
  // A single one is in the message already, and so are all in one of several lines.
  const isTold = faults.length < 2 || detail.length > 1
  return [...detail, ...(isTold ? [] : faults.map(faultLine)), ...reference]
}

function faultLine({ path, message }: Fault): string {
  const place = path.replace(/^\//, '').replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~')
  return `  ${place === '' ? '' : `${printable(place)}: `}${printable(message)}`
}

function placedLine({ file = '', line = 1, path, message, ...rest }: Fault & Partial<Place>): string {
  return `${printable(placeText({ file, line, ...rest }))}: ${path === '' ? '' : `${printable(path)}: `}${printable(message)}`
}
