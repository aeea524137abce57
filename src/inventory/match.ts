import type { Document } from './documents/kinds.ts'

/** What an inspection found out about a machine, as far as rules ask for it. Sizes in bytes, speeds in Mbit/s. */
export interface Hardware {
  vendor?: string
  model?: string
  cpu?: { sockets?: number; cores?: number; model?: string; architecture?: string }
  memoryBytes?: number
  disks?: readonly { medium?: string; sizeBytes?: number }[]
  nics?: readonly { speedMbps?: number }[]
  gpus?: readonly object[]
}

type Rule = Document<'profile'>['match'][number]
type Fact = Rule['fact']

/** Every fact that a rule can ask for; undefined where the inspection did not say. */
const FACTS: Record<Fact, (hardware: Hardware) => number | string | undefined> = {
  vendor: ({ vendor }) => vendor,
  model: ({ model }) => model,
  'cpu.model': ({ cpu }) => cpu?.model,
  'cpu.architecture': ({ cpu }) => cpu?.architecture,
  'cpu.sockets': ({ cpu }) => cpu?.sockets,
  'cpu.cores': ({ cpu }) => cpu?.cores,
  'memory.gib': ({ memoryBytes }) => memoryBytes && memoryBytes / 2 ** 30,
  'disks.count': ({ disks }) => disks?.length,
  'disks.nvme': ({ disks }) => disks?.filter(disk => disk.medium === 'nvme').length,
  'disks.totalGb': ({ disks }) => disks && disks.reduce((sum, disk) => sum + (disk.sizeBytes ?? 0), 0) / 1e9,
  'nics.count': ({ nics }) => nics?.length,
  'nics.maxMbps': ({ nics }) => nics && Math.max(0, ...nics.map(nic => nic.speedMbps ?? 0)),
  'gpus.count': ({ gpus }) => gpus?.length,
}

export interface Match {
  profile: string
  matches: boolean
  /** The rules that do not hold, in words; [] when all do. */
  reasons: string[]
}

/** Which profiles hardware fits, and why not the others. A profile without rules fits nothing by itself. Pure. */
export function matchProfiles(hardware: Hardware, profiles: readonly Document<'profile'>[]): Match[] {
  return profiles.map(({ name, match }) => {
    const reasons =
      match.length === 0 ? ['it has no rules, and is given by hand only'] : match.flatMap(rule => unmet(rule, hardware))
    return { profile: name, matches: reasons.length === 0, reasons }
  })
}

function unmet(rule: Rule, hardware: Hardware): string[] {
  const value = FACTS[rule.fact](hardware)
  if (value === undefined) return [`${rule.fact} is not known`]
  if ('like' in rule)
    return isLike(String(value), rule.like) ? [] : [`${rule.fact} is '${value}', not like '${rule.like}'`]
  const number = Number(value)
  if (rule.min !== undefined && number < rule.min) return [`${rule.fact} is ${round(number)}, less than ${rule.min}`]
  if (rule.max !== undefined && number > rule.max) return [`${rule.fact} is ${round(number)}, more than ${rule.max}`]
  return []
}

const round = (number: number): number => Math.round(number * 10) / 10

/** `*` is any text, `?` one character; case does not count. Compared in one pass, without a regular expression's traps. */
export function isLike(text: string, pattern: string): boolean {
  const [t, p] = [text.toLowerCase(), pattern.toLowerCase()]
  let [at, in_, star, mark] = [0, 0, -1, 0]
  while (at < t.length) {
    if (p[in_] === '*') [star, mark, in_] = [in_, at, in_ + 1]
    else if (p[in_] === '?' || p[in_] === t[at]) [at, in_] = [at + 1, in_ + 1]
    else if (star >= 0) [mark, at, in_] = [mark + 1, mark + 1, star + 1]
    else return false
  }
  return /^\**$/.test(p.slice(in_))
}
