import { PassThrough } from 'node:stream'
import { run } from '../../../src/cli/program.ts'
import type { Surroundings } from '../../../src/cli/session.ts'
import type { Ran } from './command.ts'

/** The command in this process, for what needs no process of its own: how words are understood, what is said to them. */
export async function runHere(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const [stdout, stderr, stdin] = [collector(), collector(), new PassThrough()]
  stdin.end()
  const around = {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin,
    env,
    once: () => undefined,
  } as unknown as Surroundings
  const code = await run(args, around)
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

function collector() {
  const stream = new PassThrough()
  const chunks: string[] = []
  stream.on('data', chunk => chunks.push(String(chunk)))
  return { stream, text: () => chunks.join('') }
}
