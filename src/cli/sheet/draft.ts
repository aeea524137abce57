import type { Document } from '../../inventory/documents/kinds.ts'
import type { PlacedFault } from '../placed-faults.ts'
import { type Located, titleOf } from '../inventory/read.ts'
import { cellTitle, type Entry, faultAt } from './entry.ts'
import type { Field } from './fields.ts'

/** A machine document in the making; it may lack what a document must have. */
export type Machine = Partial<Document<'machine'>>

/** One row on its way to a machine document, and from which columns the parts of that came. */
export class Draft {
  readonly entry: Entry
  readonly machine: Machine
  readonly faults: PlacedFault[] = []
  readonly #origins = new Map<string, Field>()
  constructor(entry: Entry, existing: Machine) {
    this.entry = entry
    this.machine = { ...existing }
  }

  /** Says that what stands at a path came from a field's column: faults there are told there. */
  cameFrom(path: string, field: Field): void {
    this.#origins.set(path, field)
  }

  refuse(field: Field, message: string): void {
    this.faults.push(faultAt(this.entry, field, message))
  }

  located(): Located {
    const { file, line, name, columns } = this.entry
    return {
      kind: 'machine',
      value: this.machine,
      name,
      placeOf: () => ({ file, line }),
      sourceOf: () => undefined,
      titleOf: keys => {
        const field = this.#origins.get(keys.join('.'))
        return field && columns.has(field) ? cellTitle(this.entry, field) : titleOf('machine', name, keys)
      },
    }
  }
}
