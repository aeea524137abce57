import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError, messageOf } from '../../lib/errors.ts'

/** A text and the name by which faults in it are told. */
export interface Source {
  name: string
  text: string
}

/** No inventory is larger: this is a disk image, or a log. */
const FILE_MAX_BYTES = 64 * 2 ** 20
const STDIN = '(standard input)'

/**
 * The texts of files, of every *.yaml and *.yml below directories (sorted), and of standard input for '-'.
 * @throws AppError `invalid_input` for what cannot be read.
 */
export async function readSources(files: readonly string[], stdin: AsyncIterable<Buffer | string>): Promise<Source[]> {
  const sources: Source[] = []
  for (const file of files) {
    if (file === '-') sources.push({ name: STDIN, text: await readStream(stdin) })
    else for (const found of await filesOf(file)) sources.push({ name: found, text: await readText(found) })
  }
  return sources
}

async function filesOf(file: string): Promise<string[]> {
  const info = await stat(file).catch(error => unreadable(file, error))
  if (!info.isDirectory()) return [file]
  const entries = await readdir(file, { recursive: true }).catch(error => unreadable(file, error))
  const found = entries.filter(entry => /\.ya?ml$/.test(entry)).toSorted()
  if (found.length > 0) return found.map(entry => path.join(file, entry))
  throw new AppError('invalid_input', `There is no *.yaml or *.yml file in ${file}`, {
    fix: 'Give a directory that has one.',
  })
}

async function readText(file: string): Promise<string> {
  const { size } = await stat(file)
  if (size > FILE_MAX_BYTES) throw tooLarge(file)
  return readFile(file, 'utf8').catch(error => unreadable(file, error))
}

async function readStream(stdin: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    const buffer = Buffer.from(chunk)
    bytes += buffer.length
    if (bytes > FILE_MAX_BYTES) throw tooLarge(STDIN)
    chunks.push(buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tooLarge(name: string): AppError {
  return new AppError('invalid_input', `${name} is larger than ${FILE_MAX_BYTES / 2 ** 20} MiB`, {
    fix: 'Split it into several files.',
  })
}

function unreadable(file: string, error: unknown): never {
  throw new AppError('invalid_input', `${file} cannot be read: ${messageOf(error)}`, {
    cause: error,
    fix: 'Give a file that is there, or - for standard input.',
  })
}
