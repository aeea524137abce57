/**
 * `node scripts/setup.mjs start|test|check|bench`: installs what that command needs and says nothing when all is there.
 *
 * It runs before anything is installed, so it is plain JavaScript for any Node >= 18 and uses no package.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { becomeOnlySetup } from './setup/lock.mjs'
import { installPackages, packagesReady } from './setup/packages.mjs'
import { fail } from './setup/step.mjs'
import { installSystemPackages, missingSystemPackages } from './setup/system.mjs'

/** What each command needs besides the npm packages. `start` needs no more: its PostgreSQL may come from npm. */
const NEEDS = {
  start: { system: false },
  check: { system: false },
  test: { system: true },
  bench: { system: true },
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const what = process.argv[2] ?? ''
if (!Object.hasOwn(NEEDS, what)) fail(`usage: node scripts/setup.mjs ${Object.keys(NEEDS).join('|')}`)
const needsSystem = NEEDS[/** @type {keyof typeof NEEDS} */ (what)].system

const packages = () => packagesReady(root)
const system = () => (needsSystem ? missingSystemPackages() : [])

if (!packages() || system().length > 0) {
  becomeOnlySetup(join(root, '.setup'))
  // Asked again: another set-up may have done it while this one waited.
  if (!packages()) installPackages(root)
  const missing = system()
  if (missing.length > 0) installSystemPackages(missing, what)
}
