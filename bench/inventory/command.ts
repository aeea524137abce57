import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import type { Fleet } from '../../test/support/fleet.ts'
import type { Task } from '../support/samples.ts'
import type { Site } from './site.ts'

const COMMAND = fileURLToPath(new URL('../../bin/rackwright', import.meta.url))
const run = promisify(execFile)

/** `rackwright apply -f` of a file of everything in which one machine changed, as a person waits for it. */
export function commandApply(site: Site): Task {
  const file = join(dirname(site.dataDir), 'fleet.yaml')
  const text = stringify(marked(site.fleet))
  const { url, token } = site.client.options
  const env = { PATH: process.env.PATH, RACKWRIGHT_URL: url, RACKWRIGHT_TOKEN: token }
  let count = 0
  return {
    run: async () => {
      count += 1
      await writeFile(file, text.replace(MARK, `command-${count}`))
      const { stdout } = await run(COMMAND, ['apply', '-f', file], { env, cwd: dirname(file) })
      if (!stdout.includes(`command-${count}`)) throw new Error(`the command changed something else: ${stdout}`)
    },
  }
}

const MARK = 'label-that-is-replaced'

/** One machine carries a text that is found and replaced in the file: writing all of it anew takes seconds. */
function marked(fleet: Fleet): Fleet {
  const [first, ...others] = fleet.machines
  if (!first) throw new Error('the fleet is empty')
  return { ...fleet, machines: [{ ...first, labels: { ...first.labels, mark: MARK } }, ...others] }
}
