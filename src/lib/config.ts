import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { type Static, Type } from 'typebox'
import Format from 'typebox/format'
import { parse as parseYaml } from 'yaml'
import { AppError, type Fault, messageOf } from './errors.ts'
import { faultLine, faultsOf, oneOf, pointerParts } from './schema.ts'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

Format.Set(
  'listen',
  text =>
    /^(\[[0-9a-fA-F:]+\]|[^\s:[\]]+):\d{1,5}$/.test(text) && Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535,
)

const closed = { additionalProperties: false }
const Text = Type.String({ minLength: 1 })

/** The configuration file. Every key can be set by environment too: RACKWRIGHT_DATA_DIR, RACKWRIGHT_API_LISTEN, … */
const Config = Type.Object(
  {
    database: Type.Optional(
      Type.String({
        pattern: '^postgres(ql)?://',
        writeOnly: true,
        description: 'a URL such as postgres://user@host/name',
      }),
    ),
    dataDir: Text,
    api: Type.Object(
      {
        listen: Type.String({ format: 'listen', description: 'HOST:PORT such as 127.0.0.1:7480' }),
        tls: Type.Optional(Type.Object({ cert: Text, key: Text }, closed)),
        publicUrl: Type.Optional(Type.String({ pattern: '^https?://', description: 'an http or https URL' })),
      },
      closed,
    ),
    secrets: Type.Object({ keyFile: Text }, closed),
    log: oneOf(LOG_LEVELS),
  },
  closed,
)
export type Config = Static<typeof Config>

/** Root has a place for state; others use their home (XDG Base Directory Specification). */
function defaultDataDir(environment: NodeJS.ProcessEnv): string {
  if (process.getuid?.() === 0) return '/var/lib/rackwright'
  return path.join(environment.XDG_STATE_HOME ?? path.join(environment.HOME ?? homedir(), '.local/state'), 'rackwright')
}

export interface ConfigSource {
  /** `--config`. Without it rackwright.yaml in the working directory is read if it is there. */
  file?: string | undefined
  environment: NodeJS.ProcessEnv
  /** A person looks at the log as it comes, and wants to hear of trouble only. */
  terminal?: boolean
}

/** Defaults, then the file, then the environment. @throws AppError `invalid_config` with all faults at once. */
export function loadConfig({ file, environment, terminal = false }: ConfigSource): Config {
  const source = file ?? 'rackwright.yaml'
  const settings = withEnvironment(readFile(source, file !== undefined), environment)
  // A wrong one is told below, with the other faults.
  const dataDir = typeof settings.dataDir === 'string' ? settings.dataDir : defaultDataDir(environment)
  const config = mergeDefaults(settings, {
    dataDir,
    api: { listen: '127.0.0.1:7480' },
    secrets: { keyFile: path.join(dataDir, 'secret.key') },
    log: terminal ? 'warn' : 'info',
  })
  const faults = faultsOf(Config, config)
  if (faults.length > 0) throw configError(source, faults)
  return { ...(config as Config), dataDir: path.resolve((config as Config).dataDir) }
}

function configError(source: string, faults: readonly Fault[]): AppError {
  const lines = faults.map(fault => `  ${pointerParts(fault.path).join('.')}: ${faultLine({ ...fault, path: '' })}`)
  return new AppError(
    'invalid_config',
    `The configuration (${source} and RACKWRIGHT_… variables) is not valid:\n${lines.join('\n')}`,
    { faults },
  )
}

type Settings = Record<string, unknown>

function readFile(file: string, required: boolean): Settings {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new AppError('invalid_config', `The configuration ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
  try {
    const parsed: unknown = parseYaml(text)
    if (parsed === null || isSettings(parsed)) return parsed ?? {}
  } catch (error) {
    throw new AppError('invalid_config', `The configuration ${file} is not YAML: ${messageOf(error)}`, { cause: error })
  }
  throw new AppError('invalid_config', `The configuration ${file} has to be a mapping of keys to values`)
}

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** RACKWRIGHT_API_LISTEN is api.listen: every leaf of the schema has its variable. Lists are separated by commas. */
function withEnvironment(settings: Settings, environment: NodeJS.ProcessEnv): Settings {
  return leavesOf(Config).reduce<Settings>((merged, { keys, isList }) => {
    const text = environment[`RACKWRIGHT_${keys.map(screaming).join('_')}`]
    if (text === undefined || text === '') return merged
    return put(merged, keys, isList ? text.split(',').map(item => item.trim()) : text)
  }, settings)
}

const screaming = (key: string): string => key.replaceAll(/[A-Z]/g, letter => `_${letter}`).toUpperCase()

interface Leaf {
  keys: string[]
  isList: boolean
}

function leavesOf(schema: object, keys: string[] = []): Leaf[] {
  const { properties, type } = schema as { properties?: Record<string, object>; type?: string }
  if (!properties) return [{ keys, isList: type === 'array' }]
  return Object.entries(properties).flatMap(([key, inner]) => leavesOf(inner, [...keys, key]))
}

function put(settings: Settings, [key = '', ...rest]: string[], value: unknown): Settings {
  const inner = settings[key]
  return { ...settings, [key]: rest.length === 0 ? value : put(isSettings(inner) ? inner : {}, rest, value) }
}

function mergeDefaults(settings: Settings, defaults: Settings): Settings {
  const merged = Object.entries(defaults).map(([key, value]) => {
    const given = settings[key]
    if (given === undefined) return [key, value]
    return [key, isSettings(given) && isSettings(value) ? mergeDefaults(given, value) : given]
  })
  return { ...settings, ...Object.fromEntries(merged) }
}
