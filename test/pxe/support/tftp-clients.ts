import { run } from './run.ts'

export interface Fetch {
  host: string
  port: number
  file: string
  /** Where to put it. */
  target: string
  timeoutMs?: number
}

/** How to fetch with clients that are not ours. Tells whether they turn netascii back into what it was. */
export interface ForeignClient {
  name: string
  netascii?: 'as sent' | 'converted'
  fetch(what: Fetch): Promise<string>
}

const curl = (name: string, args: readonly string[], mode = ''): ForeignClient => ({
  name: `curl ${name}`,
  fetch: async ({ host, port, file, target, timeoutMs }) =>
    await run(
      'curl',
      ['-sS', '-f', ...args, '-o', target, `tftp://${host}:${port}/${file}${mode}`],
      timeoutMs ? { timeoutMs } : {},
    ),
})
const atftp = (name: string, options: readonly string[]): ForeignClient => ({
  name: `atftp ${name}`,
  fetch: async ({ host, port, file, target, timeoutMs }) =>
    await run(
      'atftp',
      [...options.flatMap(option => ['--option', option]), '-g', '-r', file, '-l', target, host, String(port)],
      timeoutMs ? { timeoutMs } : {},
    ),
})
const hpa = (mode: 'binary' | 'ascii'): ForeignClient => ({
  name: `tftp-hpa ${mode}`,
  fetch: async ({ host, port, file, target, timeoutMs }) =>
    await run(
      'tftp',
      ['-4', '-m', mode, host, String(port), '-c', 'get', file, target],
      timeoutMs ? { timeoutMs } : {},
    ),
})

const BLKSIZES = [8, 512, 1428, 8192, 65_464]
const WINDOWS = [1, 4, 16, 64]

export const FOREIGN_CLIENTS: readonly ForeignClient[] = [
  curl('by default', []),
  curl('without options', ['--tftp-no-options']),
  ...BLKSIZES.map(size => curl(`blksize ${size}`, ['--tftp-blksize', String(size)])),
  { ...curl('netascii', [], ';mode=netascii'), netascii: 'as sent' },
  atftp('without options', []),
  atftp('with all options', ['blksize 1428', 'windowsize 8', 'tsize', 'timeout 2']),
  ...BLKSIZES.map(size => atftp(`blksize ${size}`, [`blksize ${size}`])),
  ...WINDOWS.map(size => atftp(`windowsize ${size}`, ['blksize 1024', `windowsize ${size}`])),
  { ...atftp('netascii', ['mode netascii']), netascii: 'converted' },
  hpa('binary'),
  { ...hpa('ascii'), netascii: 'converted' },
]
