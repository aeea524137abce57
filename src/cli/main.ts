import { enableCompileCache } from 'node:module'
import process from 'node:process'
import { cacheDirectory } from './cache-directory.ts'

// A third of the time until the first answer is compiling the same files again.
const directory = cacheDirectory(process.env)
if (directory !== undefined) enableCompileCache(directory)
const { run } = await import('./program.ts')
process.exitCode = await run(process.argv.slice(2), process)
