import { type Document, isPair, isScalar, LineCounter, type Node, parseAllDocuments, type YAMLError } from 'yaml'
import type { Place, PlacedFault } from '../placed-faults.ts'
import type { Source } from './sources.ts'
import { anchorsOf, NodeReader, startOf } from './yaml-nodes.ts'

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

/** After this many nobody reads on: it is no YAML at all. */
const ERRORS_MAX = 20

interface Parsed {
  documents: Yaml[]
  faults: PlacedFault[]
}

/** Parses all documents of a text. With faults in its YAML there is nothing else to say about it. */
export function parseYaml({ name, text }: Source): Parsed {
  const lines = new LineCounter()
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file: name, line, column: col }
  }
  try {
    const parsed = [...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })]
    const errors = parsed.flatMap(one => [...one.errors, ...one.warnings])
    if (errors.length > 0) return { documents: [], faults: faultsOf(errors, placeAt) }
    return { documents: parsed.filter(hasContents).map(one => yamlOf(one, placeAt, text)), faults: [] }
  } catch (error) {
    // The parser descends on the stack.
    if (!(error instanceof RangeError)) throw error
    return {
      documents: [],
      faults: [{ place: { file: name, line: 1, column: 1 }, path: '', message: 'is nested too deeply' }],
    }
  }
}

/** The parser goes on and stumbles over the same spot again: the first error there says it best. */
function faultsOf(errors: readonly YAMLError[], placeAt: (offset: number) => Place): PlacedFault[] {
  const first = new Map(errors.toReversed().map(error => [error.pos[0], error]))
  return [...first.values()]
    .toReversed()
    .slice(0, ERRORS_MAX)
    .map(({ pos, message }) => ({ place: placeAt(pos[0]), path: '', message: `not YAML: ${firstLine(message)}` }))
}

const firstLine = (text: string): string => text.split('\n')[0]?.replace(/:$/, '') ?? text

/** Between two `---` there may be nothing. */
const hasContents = ({ contents }: Document.Parsed): boolean =>
  contents !== null && !(isScalar(contents) && contents.value === null)

function yamlOf(document: Document.Parsed, placeAt: (offset: number) => Place, text: string): Yaml {
  const reader = new NodeReader(anchorsOf(document), text.length)
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
