import { isMap, isScalar, isSeq, type Pair } from 'yaml'
import { type Kind, KIND_NAMES, KINDS } from '../../inventory/documents/kinds.ts'
import { nearest } from './nearest.ts'
import type { Source } from './sources.ts'
import type { Place, PlacedFault } from '../placed-faults.ts'
import { parseYaml, type Yaml } from './yaml.ts'
import { YamlFault } from './yaml-nodes.ts'

/** One document of the inventory and where it was written. */
export interface Located {
  kind: Kind
  value: unknown
  /** As far as it has one. */
  name: string | undefined
  placeOf: (keys: readonly string[]) => Place
  /** What a fault is about, for people: `machine lon1-a12-03, nics.0.mac`. */
  titleOf: (keys: readonly string[]) => string
  sourceOf: (keys: readonly string[]) => string | undefined
}

export function titleOf(kind: Kind, name: string | undefined, keys: readonly string[]): string {
  const title = name === undefined ? kind : `${kind} ${name}`
  return keys.length === 0 ? title : `${title}, ${keys.join('.')}`
}

export interface Read {
  documents: Located[]
  faults: PlacedFault[]
  /** Some text is no YAML: what else could be said would be guesses. */
  unreadable: boolean
}

const PLURALS = new Map<string, Kind>(KIND_NAMES.map(kind => [KINDS[kind].plural, kind]))

/** The documents of inventory files, and what is wrong with the files themselves. Pure. */
export function readInventory(sources: readonly Source[]): Read {
  const read: Read = { documents: [], faults: [], unreadable: false }
  for (const source of sources) {
    const { documents, faults } = parseYaml(source)
    read.faults.push(...faults)
    read.unreadable ||= faults.length > 0
    if (documents.length === 0 && faults.length === 0)
      read.faults.push(faultAt(startOf(source), 'is empty: an inventory file has lists such as "machines:"'))
    for (const yaml of documents) readDocument(yaml, read)
  }
  return read
}

const startOf = ({ name }: Source): Place => ({ file: name, line: 1, column: 1 })
const faultAt = (place: Place, message: string, path = ''): PlacedFault => ({ place, path, message })

function readDocument(yaml: Yaml, read: Read): void {
  const { root } = yaml
  if (!isMap(root)) {
    read.faults.push(faultAt(yaml.placeOf(root), 'expected a mapping with lists such as "machines:" on top'))
    return
  }
  for (const pair of root.items) readList(yaml, pair, read)
}

function readList(yaml: Yaml, pair: Pair, read: Read): void {
  const key = isScalar(pair.key) ? String(pair.key.value) : ''
  const kind = PLURALS.get(key)
  if (!kind) {
    // A place for anchors that the documents below refer to.
    if (!key.startsWith('x-'))
      read.faults.push(faultAt(yaml.placeOf(pair.key), `is not a known key${suggestion(key)}`, key))
    return
  }
  const list = yaml.resolve(pair.value)
  if (list === null || (isScalar(list) && list.value === null)) return
  if (!isSeq(list)) {
    read.faults.push(faultAt(yaml.placeOf(pair), `expected a list of ${key}, each beginning with "- "`, key))
    return
  }
  for (const [at, item] of list.items.entries()) readItem(yaml, kind, { item, path: `${key}.${at}` }, read)
}

function readItem(yaml: Yaml, kind: Kind, { item, path }: { item: unknown; path: string }, read: Read): void {
  try {
    const value = yaml.valueOf(item)
    const name = nameOf(value)
    read.documents.push({
      kind,
      value,
      name,
      titleOf: keys => titleOf(kind, name, keys),
      placeOf: keys => yaml.placeOf(item, keys),
      sourceOf: keys => yaml.sourceOf(item, keys),
    })
  } catch (error) {
    if (!(error instanceof YamlFault || error instanceof RangeError)) throw error
    const message = error instanceof YamlFault ? error.message : 'is nested too deeply'
    read.faults.push(faultAt(yaml.placeOf(item), message, path))
    read.unreadable = true
  }
}

function suggestion(key: string): string {
  const plurals = [...PLURALS.keys()]
  const meant = nearest(key, plurals)
  return meant ? `; did you mean "${meant}"?` : `; known: ${plurals.join(', ')}`
}

function nameOf(value: unknown): string | undefined {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined
  return typeof name === 'string' ? name : undefined
}

/** The first of each name stays; the others are faults. */
export function withoutTwins(read: Read): Read {
  const first = new Map<string, Located>()
  const faults = [...read.faults]
  const documents = read.documents.filter(document => {
    const id = `${document.kind} ${document.name}`
    const twin = document.name === undefined ? undefined : first.get(id)
    if (!twin) {
      first.set(id, document)
      return true
    }
    const { file, line } = twin.placeOf(['name'])
    faults.push(faultAt(document.placeOf(['name']), `is there twice, first at ${file}:${line}`, document.titleOf([])))
    return false
  })
  return { ...read, documents, faults }
}
