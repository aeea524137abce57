/** A fault in a file, where it stands. */
export interface PlacedFault {
  place: Place
  /** What it is about, for people: `machine lon1-a12-03, nics.0.mac`. */
  path: string
  message: string
}

/** Lines and columns count from 1. */
export interface Place {
  file: string
  line: number
  /** Of the character; a sheet names its columns instead. */
  column?: number
}

/** Everything that is wrong with some files, told once each and in the order in which a person corrects it. */
export class PlacedFaults extends Error {
  readonly faults: readonly PlacedFault[]
  constructor(faults: readonly PlacedFault[]) {
    const unique = new Map(faults.map(fault => [`${placeText(fault.place)} ${fault.path} ${fault.message}`, fault]))
    const [count, them] = unique.size === 1 ? ['1 fault', 'it'] : [`${unique.size} faults`, 'them']
    super(`${count}, and nothing was written. Correct ${them} and apply again.`)
    this.faults = [...unique.values()].toSorted(byPlace)
  }
}

/** As compilers write it. */
export const placeText = ({ file, line, column }: Place): string =>
  `${file}:${line}${column === undefined ? '' : `:${column}`}`

function byPlace({ place: a }: PlacedFault, { place: b }: PlacedFault): number {
  return a.file === b.file ? a.line - b.line || (a.column ?? 0) - (b.column ?? 0) : a.file < b.file ? -1 : 1
}
