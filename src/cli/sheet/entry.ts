import type { PlacedFault } from '../placed-faults.ts'
import {
  type Cell,
  type Position,
  readHeight,
  readIp,
  readMac,
  readName,
  readPosition,
  readProtocol,
  readSerial,
} from './cells.ts'
import { type Header, letterOf, type SheetColumn } from './columns.ts'
import { titleOf } from '../inventory/read.ts'
import type { Row } from './csv.ts'
import type { Field } from './fields.ts'

export interface NicEntry {
  mac?: string
  ip?: string
  switch?: string
  port?: string
}

/** What a row says about one machine: only what it says, an empty cell says nothing. */
export interface Entry {
  file: string
  line: number
  name?: string
  serial?: string
  systemUuid?: string
  hostname?: string
  datacenter?: string
  rack?: string
  position?: Position
  height?: number
  vendor?: string
  model?: string
  profile?: string
  service?: string
  bmc: { ip?: string; mac?: string; user?: string; password?: string; protocol?: string; network?: string }
  /** By number, from 1. */
  nics: Map<number, NicEntry>
  labels: Record<string, string>
  /** The column that each field was read from. */
  columns: ReadonlyMap<Field, SheetColumn>
}

const asIs = (text: string): Cell<string> => ({ value: text })

type Set = (entry: Entry, text: string) => string | undefined

/** Reads a cell and puts its value in; gives back what is wrong with it. */
function setter<T>(read: (text: string) => Cell<T>, put: (entry: Entry, value: T) => void): Set {
  return (entry, text) => {
    const cell = read(text)
    if ('fault' in cell) return cell.fault
    put(entry, cell.value)
    return undefined
  }
}

const PLAIN: Record<string, Set> = {
  name: setter(readName, (entry, value) => (entry.name = value)),
  serial: setter(readSerial, (entry, value) => (entry.serial = value)),
  systemUuid: setter(asIs, (entry, value) => (entry.systemUuid = value)),
  hostname: setter(readName, (entry, value) => (entry.hostname = value)),
  datacenter: setter(readName, (entry, value) => (entry.datacenter = value)),
  rack: setter(readName, (entry, value) => (entry.rack = value)),
  position: setter(readPosition, (entry, value) => (entry.position = value)),
  height: setter(readHeight, (entry, value) => (entry.height = value)),
  vendor: setter(asIs, (entry, value) => (entry.vendor = value)),
  model: setter(asIs, (entry, value) => (entry.model = value)),
  profile: setter(readName, (entry, value) => (entry.profile = value)),
  service: setter(readName, (entry, value) => (entry.service = value)),
  'bmc.ip': setter(readIp, (entry, value) => (entry.bmc.ip = value)),
  'bmc.mac': setter(readMac, (entry, value) => (entry.bmc.mac = value)),
  'bmc.user': setter(asIs, (entry, value) => (entry.bmc.user = value)),
  'bmc.password': setter(asIs, (entry, value) => (entry.bmc.password = value)),
  'bmc.protocol': setter(readProtocol, (entry, value) => (entry.bmc.protocol = value)),
  'bmc.network': setter(readName, (entry, value) => (entry.bmc.network = value)),
}

const NIC_READERS = { mac: readMac, ip: readIp, switch: asIs, port: asIs } as const

function setField(entry: Entry, field: Field, text: string): string | undefined {
  const [, number, part] = /^nic(\d)\.(mac|ip|switch|port)$/.exec(field) ?? []
  if (number !== undefined) {
    const cell = NIC_READERS[part as keyof NicEntry](text)
    if ('fault' in cell) return cell.fault
    entry.nics.set(Number(number), { ...entry.nics.get(Number(number)), [part as keyof NicEntry]: cell.value })
    return undefined
  }
  if (field.startsWith('label:')) {
    entry.labels[field.slice('label:'.length)] = text
    return undefined
  }
  return PLAIN[field]?.(entry, text)
}

/** What vendors write where nothing is known. */
const NOTHING = /^(?:|-+|n\/?a|none|tbd|\?+)$/i

/** Reads a row, and all that is wrong with it. Pure. */
export function readEntry(
  { line, cells }: Row,
  { columns }: Header,
  file: string,
): { entry: Entry; faults: PlacedFault[] } {
  const entry: Entry = {
    file,
    line,
    bmc: {},
    nics: new Map(),
    labels: {},
    columns: new Map(columns.map(column => [column.field, column])),
  }
  const wrong = columns.flatMap(({ index, field }) => {
    const text = cells[index] ?? ''
    const message = NOTHING.test(text) ? undefined : setField(entry, field, text)
    return message === undefined ? [] : [{ field, message }]
  })
  return {
    entry,
    faults: [...wrong, ...contradictions(entry)].map(({ field, message }) => faultAt(entry, field, message)),
  }
}

function contradictions({ name, position, height }: Entry): { field: Field; message: string }[] {
  const faults: { field: Field; message: string }[] = []
  if (name === undefined) faults.push({ field: 'name', message: 'is empty: the machine needs a name' })
  if (position?.heightU !== undefined && height !== undefined && position.heightU !== height)
    faults.push({
      field: 'height',
      message: `a height of ${height} contradicts the position, which is ${position.heightU} units high`,
    })
  return faults
}

/** What is wrong with a field of a row, told by the line and the column that it was read from. */
export function faultAt(entry: Entry, field: Field, message: string): PlacedFault {
  return { place: { file: entry.file, line: entry.line }, path: cellTitle(entry, field), message }
}

/** `machine lon1-a14-03, column F (MAC 1)` */
export function cellTitle({ name, columns }: Entry, field: Field): string {
  const machine = titleOf('machine', name, [])
  const column = columns.get(field)
  return column ? `${machine}, column ${letterOf(column.index)} (${column.header})` : machine
}
