import { spawn } from 'node:child_process'

/** Runs a program to its end. @throws if it is not there, fails, or takes longer than allowed; with what it wrote. */
export async function run(
  program: string,
  args: readonly string[],
  { timeoutMs = 15_000, cwd = '.' } = {},
): Promise<string> {
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += String(chunk)))
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${program} ${args.join(' ')}: ${code ?? signal}\n${output}`))
    })
  })
}
