/** Programs from outside npm that tests and measurements use, and how they get here. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fail, say, step } from './step.mjs'

/** Where Debian puts server programs of PostgreSQL; they are not in PATH, because several versions may live together. */
const POSTGRESQL = '/usr/lib/postgresql'

/**
 * package: its name in Debian; command: is there if the package is; why: what of ours uses it.
 * @typedef {{ package: string, command: string, folders?: () => string[], why: string, prepare?: () => void }} SystemPackage
 * @type {SystemPackage[]}
 */
const SYSTEM_PACKAGES = [
  {
    package: 'postgresql',
    command: 'initdb',
    folders: () => (existsSync(POSTGRESQL) ? readdirSync(POSTGRESQL).map(v => join(POSTGRESQL, v, 'bin')) : []),
    why: 'tests start database servers of their own from its programs',
    prepare: keepDebianFromStartingOne,
  },
  { package: 'curl', command: 'curl', why: 'a client that is not ours, for TFTP and HTTP tests' },
  { package: 'atftp', command: 'atftp', why: 'a TFTP client that is not ours, with windowsize' },
  { package: 'tftp-hpa', command: 'tftp', why: 'a TFTP client that is not ours, without options' },
  { package: 'tshark', command: 'tshark', why: 'judges every packet that we encode' },
  { package: 'ipmitool', command: 'ipmitool', why: 'commands our virtual BMCs, and is measured against' },
  {
    package: 'freeipmi-tools',
    command: 'ipmipower',
    folders: systemFolders,
    why: 'commands our virtual BMCs, and is measured against',
  },
  { package: 'openipmi', command: 'ipmi_sim', why: "a BMC that is not ours, for our client's tests" },
  { package: 'iproute2', command: 'ip', folders: systemFolders, why: 'network namespaces' },
  { package: 'nftables', command: 'nft', folders: systemFolders, why: 'loses packets in those namespaces' },
  { package: 'dnsmasq-base', command: 'dnsmasq', folders: systemFolders, why: 'a server to be measured against' },
  { package: 'openssl', command: 'openssl', why: 'makes the certificates of virtual BMCs' },
  { package: 'redfishtool', command: 'redfishtool', why: 'commands our virtual Redfish service' },
  {
    package: 'python3-sushy',
    command: 'sushy',
    folders: () => ['/usr/lib/python3/dist-packages'],
    why: 'commands our virtual Redfish service as OpenStack does',
  },
]

/** Not in everybody's PATH. */
function systemFolders() {
  return ['/usr/sbin', '/sbin']
}

export function missingSystemPackages() {
  const path = (process.env.PATH ?? '').split(delimiter)
  const has = (/** @type {SystemPackage} */ { command, folders }) =>
    [...path, ...(folders?.() ?? [])].some(folder => existsSync(join(folder, command)))
  return SYSTEM_PACKAGES.filter(row => !has(row))
}

/** Installs them with apt as root, or ends the process with what to install. @param {SystemPackage[]} missing @param {string} what */
export function installSystemPackages(missing, what) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) fail(askFor(missing, what))
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const names = missing.map(row => row.package)
  for (const { prepare } of missing) prepare?.()
  // A failed update is not the end: the lists of an earlier one may do.
  step('package lists (apt-get update)', ['apt-get', 'update', '-q', '-o', 'Acquire::Retries=3'], { env })
  const install = [
    'apt-get',
    'install',
    '-q',
    '-y',
    '--no-install-recommends',
    '-o',
    'DPkg::Lock::Timeout=600',
    ...names,
  ]
  if (!step(`system packages: ${names.join(', ')}`, install, { env, live: true }).ok) fail(askFor(missing, what))
  const still = missingSystemPackages()
  if (still.length > 0)
    fail(`installed, yet not found: ${still.map(row => `${row.command} of ${row.package}`).join(', ')}`)
}

/** Debian's package would set up a server and start it, which nobody here asked for. */
function keepDebianFromStartingOne() {
  const folder = '/etc/postgresql-common'
  const file = join(folder, 'createcluster.conf')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (/^\s*create_main_cluster/m.test(text)) return
  mkdirSync(folder, { recursive: true })
  appendFileSync(
    file,
    "# Rackwright's set-up: its tests need the programs, not a server of the system.\ncreate_main_cluster = false\n",
  )
  say(`create_main_cluster = false in ${file}, so that no database server of the system is started`)
}

/** @param {SystemPackage[]} missing @param {string} what */
function askFor(missing, what) {
  const names = missing.map(row => row.package).join(' ')
  return [
    `'npm run ${what}' needs programs that are not there. Install them as root, then run it again:`,
    `  apt-get install --no-install-recommends ${names}`,
    ...missing.map(row => `    ${row.package} (${row.command}): ${row.why}`),
  ].join('\n')
}
