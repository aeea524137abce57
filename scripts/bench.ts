/** `npm run bench -- NAME [--json]`: runs bench/NAME.ts. Without a name: what there is. */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const folder = join(dirname(import.meta.dirname), 'bench')
/** Each file of the folder is a measurement; what they share lies in folders inside. */
const names = (existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [])
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
  .map(entry => entry.name.slice(0, -'.ts'.length))
  .toSorted()

/** The first line of the docstring that a measurement begins with. */
function summaryOf(name: string): string {
  const text = readFileSync(join(folder, `${name}.ts`), 'utf8')
  return /^\/\*\*\s*(?:\*\s*)?(.*?)\s*(?:\*\/)?$/m.exec(text)?.[1] ?? ''
}

function list(): void {
  console.log('npm run bench -- NAME [--json]\n')
  const width = Math.max(0, ...names.map(name => name.length))
  for (const name of names) console.log(`  ${name.padEnd(width)}  ${summaryOf(name)}`)
}

/** Resolves with the exit code. A measurement stops its servers itself when it is told to end. */
async function run(name: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [join(folder, `${name}.ts`), ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 1))
  })
}

const args = process.argv.slice(2)
const name = args.find(arg => !arg.startsWith('-'))
if (name === undefined) list()
else if (names.includes(name)) process.exitCode = await run(name, args.toSpliced(args.indexOf(name), 1))
else {
  console.error(`There is no bench/${name}.ts.`)
  list()
  process.exitCode = 2
}
