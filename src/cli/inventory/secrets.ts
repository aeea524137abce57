import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '../../lib/errors.ts'
import type { Located } from './read.ts'
import type { PlacedFault } from '../placed-faults.ts'

/** A secret that stands elsewhere: `{fromEnv: NAME}` or `{fromFile: PATH}`, the path from the inventory file on. */
type Reference = { fromEnv: string } | { fromFile: string }
const PASSWORD_PATH = ['bmc', 'initialPassword']
/** Takes the place of what could not be found, so that the rest of the document can still be checked. */
const PLACEHOLDER = 'not found'

/** Puts the secrets themselves where documents refer to them. What is missing is a fault where it is referred to. */
export async function resolveSecrets(
  documents: readonly Located[],
  environment: NodeJS.ProcessEnv,
): Promise<PlacedFault[]> {
  const faults: PlacedFault[] = []
  const files = new Map<string, Promise<string>>()
  const readOnce = (file: string) => {
    const known = files.get(file) ?? readFile(file, 'utf8')
    files.set(file, known)
    return known
  }
  for (const document of documents) {
    const bmc = bmcOf(document)
    const reference = bmc?.initialPassword
    if (!bmc || !isReference(reference)) continue
    const place = document.placeOf(PASSWORD_PATH)
    const found =
      'fromEnv' in reference
        ? fromEnvironment(reference.fromEnv, environment)
        : await fromFile(reference.fromFile, place.file, readOnce)
    if ('fault' in found) faults.push({ place, path: document.titleOf(PASSWORD_PATH), message: found.fault })
    bmc.initialPassword = 'secret' in found ? found.secret : PLACEHOLDER
  }
  return faults
}

function bmcOf({ kind, value }: Located): { initialPassword?: unknown } | undefined {
  const bmc = kind === 'machine' ? (value as { bmc?: unknown } | null)?.bmc : undefined
  return typeof bmc === 'object' && bmc !== null ? bmc : undefined
}

function isReference(value: unknown): value is Reference {
  if (typeof value !== 'object' || value === null) return false
  const entries = Object.entries(value)
  const [name, target] = entries[0] ?? []
  return entries.length === 1 && (name === 'fromEnv' || name === 'fromFile') && typeof target === 'string'
}

type Found = { secret: string } | { fault: string }

function fromEnvironment(name: string, environment: NodeJS.ProcessEnv): Found {
  const secret = environment[name]
  return secret ? { secret } : { fault: `the environment has no ${name}` }
}

async function fromFile(file: string, inventoryFile: string, read: (file: string) => Promise<string>): Promise<Found> {
  try {
    const secret = (await read(path.resolve(path.dirname(inventoryFile), file))).replace(/\r?\n$/, '')
    return secret === '' ? { fault: `${file} is empty` } : { secret }
  } catch (error) {
    return { fault: `the secret cannot be read: ${messageOf(error)}` }
  }
}
