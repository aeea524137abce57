/** The Node that the product runs on. It comes from npm, so that the one on the machine may be old. */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fail, say } from './step.mjs'

const NODE_MAJOR = 24

/** Named in optionalDependencies, for the machines that it exists for. Its program is node_modules/NODE_PACKAGE/bin/node. */
export const NODE_PACKAGE = `node-${process.platform}-${process.arch}`

export const runsNewNode = () => majorOf(process.version) >= NODE_MAJOR

/** True if the commands of package.json have a Node: npm puts node_modules/.bin first in PATH. @param {string} root */
export const hasNode = root => runsNewNode() || existsSync(linkIn(root))

/**
 * Puts our Node into node_modules/.bin. npm does so itself, but npm 9 takes the link away again when it finds that the
 * package for the other kind of machine, which has a program of the same name, is not for this one.
 * @param {string} root
 */
export function linkNode(root) {
  const link = linkIn(root)
  if (existsSync(link) || !existsSync(join(root, 'node_modules', NODE_PACKAGE, 'bin', 'node'))) return
  rmSync(link, { force: true }) // it may be there and lead nowhere
  symlinkSync(join('..', NODE_PACKAGE, 'bin', 'node'), link)
}

/** Ends the process unless the commands of package.json will run under a fit Node. @param {string} root */
export function checkNode(root) {
  const link = linkIn(root)
  const found = existsSync(link) ? spawnSync(link, ['--version'], { encoding: 'utf8' }) : undefined
  if (found && majorOf(found.stdout ?? '') >= NODE_MAJOR) return
  // One that does not run here (e.g. on musl) must not hide one that does.
  rmSync(link, { force: true })
  if (runsNewNode()) return say(`Node from npm does not run here: using ${process.execPath} instead`)
  fail(
    `Node >= ${NODE_MAJOR} is needed and this is ${process.versions.node}; npm has none that runs on ` +
      `${process.platform}-${process.arch} here${found ? ` (${found.error ?? found.stderr.trim()})` : ''}. ` +
      'Install one (https://nodejs.org, or your distribution), put it first in PATH, and run this again.',
  )
}

const linkIn = (/** @type {string} */ root) => join(root, 'node_modules', '.bin', 'node')
const majorOf = (/** @type {string} */ version) => Number(/^v(\d+)\./.exec(version)?.[1] ?? 0)
