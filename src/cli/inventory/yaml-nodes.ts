import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, visit, type YAMLMap } from 'yaml'

/** What the aliases of a document mean makes no sense, or too much of it. */
export class YamlFault extends Error {}

const MERGE_DEPTH_MAX = 100

/** What each alias means: the node that had the anchor last before it. */
export function anchorsOf(document: Document.Parsed): Map<unknown, Node> {
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
export function startOf(node: unknown): number | undefined {
  if (isPair(node))
    return isScalar(node.value) && node.value.range && node.value.value !== null
      ? node.value.range[0]
      : startOf(node.key)
  return (node as Node | null | undefined)?.range?.[0]
}

/**
 * What a document may grow to when its aliases are followed, by the length of its text: templates make it some times as
 * large, but a few lines can also mean billions of values (CWE-776).
 */
const nodesMax = (textLength: number): number => Math.min(20_000_000, 100_000 + 20 * textLength)

/** Reads values out of the nodes of a document, and finds nodes by paths. */
export class NodeReader {
  readonly targets: ReadonlyMap<unknown, Node>
  readonly nodesMax: number
  readonly open = new Set<unknown>()
  nodes = 0
  constructor(targets: ReadonlyMap<unknown, Node>, textLength: number) {
    this.targets = targets
    this.nodesMax = nodesMax(textLength)
  }

  value(node: unknown): unknown {
    if (++this.nodes > this.nodesMax) throw new YamlFault(`its aliases make it larger than ${this.nodesMax} values`)
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
