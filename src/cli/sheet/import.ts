import { readFile } from 'node:fs/promises'
import type { Client } from '../../api/contract/client.ts'
import { AppError, messageOf } from '../../lib/errors.ts'
import { type PlacedFault, PlacedFaults } from '../placed-faults.ts'
import { applyRead } from '../inventory/bring.ts'
import type { Read } from '../inventory/read.ts'
import type { Session } from '../session.ts'
import { type Header, readHeader, readMapping } from './columns.ts'
import { decodeText, readRows, type Row } from './csv.ts'
import { readEntry } from './entry.ts'
import { toMachine } from './machine.ts'
import { Places } from './places.ts'
import { printMachines } from './print.ts'
import type { Wishes } from './wishes.ts'

export interface ImportOptions {
  dryRun?: boolean
  print?: boolean
  map?: string
  datacenter?: string
  bmcProtocol: Wishes['bmcProtocol']
}

/** Every row becomes a machine document; from there on it is an apply: all faults at once, all rows or none. */
export async function importSheet(session: Session, file: string, options: ImportOptions): Promise<void> {
  const { dryRun = false, print, map, datacenter, bmcProtocol } = options
  const mapping = map === undefined ? [] : readMapping(map)
  const rows = readRows(await readSheet(file), file)
  const header = readHeader(rows, mapping, file)
  remark(session, header, file)
  const read = await session.during('looking up racks and networks', () =>
    readMachines(session.client(), { rows, header, file }, { datacenter, bmcProtocol }),
  )
  if (!print) return applyRead(session, read, { dryRun })
  if (read.faults.length > 0) throw new PlacedFaults(read.faults)
  await printMachines(session.out, read.documents)
}

async function readSheet(file: string): Promise<string> {
  try {
    return decodeText(await readFile(file))
  } catch (error) {
    throw new AppError('invalid_input', `${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
      fix: 'Give a sheet saved as CSV.',
    })
  }
}

function remark({ out }: Session, { columns, unused }: Header, file: string): void {
  if (unused.length > 0) out.note(`Columns left out: ${unused.join(', ')}. (--map takes them in.)`)
  if (columns.some(({ field }) => field === 'bmc.password'))
    out.note(`${file} holds passwords in clear text. Once they are in, remove that column or the file.`)
}

interface Sheet {
  rows: readonly Row[]
  header: Header
  file: string
}

async function readMachines(client: Client, { rows, header, file }: Sheet, wishes: Wishes): Promise<Read> {
  const places = new Places(client)
  const read: Read = { documents: [], faults: [], unreadable: false }
  const faults: PlacedFault[] = read.faults
  for (const row of rows.filter(({ line }) => line > header.line)) {
    const { entry, faults: ofRow } = readEntry(row, header, file)
    const { located, faults: ofMachine } = await toMachine(entry, places, wishes)
    faults.push(...ofRow, ...ofMachine)
    if (located && entry.name !== undefined) read.documents.push(located)
  }
  return read
}
