import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from 'yaml'
import type { Place, PlacedFault } from '../failure.ts'
import type { Source } from './sources.ts'

/** One YAML document of a file. */
export interface Yaml {
  root: Node | null
  /** The value of one of its nodes, with aliases and merge keys (`<<`) resolved. @throws YamlFault */
  valueOf: (node: unknown) => unknown
  /** The node itself, or what it is an alias of. */
  resolve: (node: unknown) => unknown
  /** Where what a path leads to stands, as near as there is something. */
  placeOf: (node: unknown, keys?: readonly string[]) => Place
  /** What was typed, for a value that YAML takes for something else: `0012`, `yes`. */
  sourceOf: (node: unknown, keys: readonly string[]) => string | undefined
}

/** What a document may grow to when its aliases are followed: a few lines can mean billions (CWE-776). */
const NODES_MAX = 5_000_000
const MERGE_DEPTH_MAX = 100
/** What its aliases mean makes no sense. */
export class YamlFault extends Error {}

/** Parses all documents of a text. With faults in its YAML there is nothing else to say about it. */
export function parseYaml({ name, text }: Source): { documents: Yaml[]; faults: PlacedFault[] } {
  const lines = new LineCounter()
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file: name, line, column: col }
  }
  try {
    const parsed = [...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })]
    const errors = parsed.flatMap(one => [...one.errors, ...one.warnings])
    // The parser goes on and stumbles over the same spot again: the first one there says it best.
    const first = errors.filter(({ pos }, at) => errors.findIndex(other => other.pos[0] === pos[0]) === at)
    const faults = first.map(({ pos, message }) => ({
      place: placeAt(pos[0]),
      path: '',
      message: `not YAML: ${firstLine(message)}`,
    }))
    if (faults.length > 0) return { documents: [], faults }
    return {
      documents: parsed
        .filter(({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null))
        .map(one => yamlOf(one, placeAt, text)),
      faults,
    }
  } catch (error) {
    // The parser descends on the stack.
    if (!(error instanceof RangeError)) throw error
    return {
      documents: [],
      faults: [{ place: { file: name, line: 1, column: 1 }, path: '', message: 'is nested too deeply' }],
    }
  }
}

const firstLine = (text: string): string => text.split('\n')[0]?.replace(/:$/, '') ?? text

function yamlOf(document: Document.Parsed, placeAt: (offset: number) => Place, text: string): Yaml {
  const reader = new Reader(anchorsOf(document))
  const found = (node: unknown, keys: readonly string[]) => reader.find(node, keys)
  return {
    root: document.contents,
    valueOf: node => reader.value(node),
    resolve: node => reader.resolve(node),
    placeOf: (node, keys = []) => placeAt(startOf(found(node, keys)) ?? startOf(node) ?? 0),
    sourceOf: (node, keys) => {
      const target = found(node, keys)
      const value = isPair(target) ? target.value : target
      return isScalar(value) && value.range ? text.slice(value.range[0], value.range[1]) : undefined
    },
  }
}

/** What each alias means: the node that had the anchor last before it. */
function anchorsOf(document: Document.Parsed): Map<unknown, Node> {
  const anchors = new Map<string, Node>()
  const targets = new Map<unknown, Node>()
  visit(document, {
    Alias: (_, alias) => {
      const target = anchors.get(alias.source)
      if (target) targets.set(alias, target)
    },
    Value: (_, node) => {
      if (node.anchor) anchors.set(node.anchor, node)
    },
  })
  return targets
}

/** A pair starts where its value does if that is a word, else where its key does: the line that a person edits. */
function startOf(node: unknown): number | undefined {
  if (isPair(node))
    return isScalar(node.value) && node.value.range && node.value.value !== null
      ? node.value.range[0]
      : startOf(node.key)
  return (node as Node | null | undefined)?.range?.[0]
}

class Reader {
  readonly targets: ReadonlyMap<unknown, Node>
  readonly open = new Set<unknown>()
  nodes = 0
  constructor(targets: ReadonlyMap<unknown, Node>) {
    this.targets = targets
  }

  value(node: unknown): unknown {
    if (++this.nodes > NODES_MAX) throw new YamlFault(`its aliases make it larger than ${NODES_MAX} values`)
    // `%YAML 1.1` makes dates and binaries of some words: they are what was typed.
    if (isScalar(node)) return typeof node.value === 'object' && node.value !== null ? node.source : node.value
    if (isAlias(node)) return this.ofAlias(node)
    if (isSeq(node)) return node.items.map(item => this.value(item))
    if (isMap(node)) return this.ofMap(node)
    return null
  }

  ofAlias(node: unknown): unknown {
    const target = this.targets.get(node)
    if (!target) throw new YamlFault('an alias has no anchor')
    if (this.open.has(target)) throw new YamlFault('an alias means what it stands in')
    this.open.add(target)
    try {
      return this.value(target)
    } finally {
      this.open.delete(target)
    }
  }

  /** Own keys win over merged ones, and of those the first map wins (https://yaml.org/type/merge.html). */
  ofMap(map: YAMLMap): Record<string, unknown> {
    const merged = map.items.filter(isMerge).flatMap(pair => [this.value(pair.value)].flat().toReversed())
    const own = map.items.filter(pair => !isMerge(pair)).map(pair => [keyOf(pair), this.value(pair.value)] as const)
    return Object.fromEntries([...merged.flatMap(one => Object.entries(one ?? {})), ...own])
  }

  resolve(node: unknown): unknown {
    return isAlias(node) ? this.targets.get(node) : node
  }

  /** The pair or item that a path leads to; for a key that is not there, what should have had it. */
  find(node: unknown, keys: readonly string[]): unknown {
    const [key, ...rest] = keys
    if (key === undefined) return node
    const inner = this.child(this.resolve(isPair(node) ? node.value : node), key)
    return inner === undefined ? node : this.find(inner, rest)
  }

  child(node: unknown, key: string, depth = 0): unknown {
    if (isSeq(node)) return node.items[Number(key)]
    if (!isMap(node) || depth > MERGE_DEPTH_MAX) return undefined
    const own = node.items.find(pair => !isMerge(pair) && keyOf(pair) === key)
    if (own) return own
    const merged = node.items.filter(isMerge).flatMap(({ value }) => {
      const target = this.resolve(value)
      return isSeq(target) ? target.items.map(item => this.resolve(item)) : [target]
    })
    return merged.map(map => this.child(map, key, depth + 1)).find(pair => pair !== undefined)
  }
}

const isMerge = (pair: Pair): boolean => isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN'
const keyOf = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : '')
