import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'

/** A directory of the test file, with files that are written as they are needed. Gone after the last test. */
export function useFiles() {
  const directory = mkdtempSync(path.join(tmpdir(), 'rackwright-cli-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  return {
    directory,
    /** The path of a new file. */
    write(name: string, content: string | Buffer): string {
      const file = path.join(directory, name)
      writeFileSync(file, content)
      return file
    },
    path: (name: string) => path.join(directory, name),
  }
}
