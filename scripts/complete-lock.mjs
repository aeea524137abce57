/**
 * `node scripts/complete-lock.mjs`: adds to package-lock.json the packages for other machines that npm left out of it.
 *
 * Tools with native parts list one optional package for each platform. When npm writes the lock file from a registry
 * that has only some of them, e.g. a partial mirror, it leaves the others out without a word, and then `npm ci` calls the
 * file incomplete, everywhere. Their versions are exact in the package that lists them and their platform is in their
 * name, which is all that `npm ci` needs to pass them over. Run it after `npm install` if `npm ci` complains.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PLATFORM =
  /[-/](android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-([a-z0-9]+)(?:-(?:(gnu|musl)[a-z]*|[a-z]+))?$/

/** @typedef {Record<string, unknown> & { optionalDependencies?: Record<string, string>, dev?: boolean, peer?: boolean }} Entry */

/** The entry of a package that is left out on every machine but its own. @param {string} name @param {string} version @param {Entry} parent */
function entryFor(name, version, parent) {
  const [, os, cpu, libc] = PLATFORM.exec(name) ?? []
  if (!os || !cpu) throw new Error(`${name} names no platform that this script knows: see PLATFORM in it`)
  if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`${name} is wanted as '${version}', which is no exact version`)
  // In npm's order, so that its next write changes nothing.
  return {
    version,
    cpu: [cpu],
    ...(parent.dev && { dev: true }),
    ...(libc && { libc: [libc === 'gnu' ? 'glibc' : libc] }),
    optional: true,
    os: [os],
    ...(parent.peer && { peer: true }),
  }
}

const file = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))
/** @type {Record<string, Entry>} */
const packages = lock.packages
const before = Object.keys(packages).length
for (const [path, parent] of Object.entries(packages))
  for (const [name, version] of Object.entries(path === '' ? {} : (parent.optionalDependencies ?? {})))
    if (!packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`])
      packages[`node_modules/${name}`] = entryFor(name, version, parent)

lock.packages = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${Object.keys(packages).length - before} packages added to package-lock.json`)
