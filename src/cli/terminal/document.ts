import { type CellValue, TablePrinter } from './table.ts'
import { displayWidth, pad, printable } from './text.ts'

/** How `show` prints any document: fields by the names that `set` takes, lists of objects as small tables. */

type Fields = Record<string, unknown>
type Style = (text: string) => string

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTable = (value: unknown): value is Fields[] => Array.isArray(value) && value.length > 0 && value.every(isFields)
const isPlain = (value: unknown): boolean => !isTable(value) && !(isFields(value) && Object.keys(value).length > 0)

export function documentLines(document: Fields, style: Style = text => text, indent = ''): string[] {
  const fields = Object.entries(document).map(([name, value]) => [printable(name), value] as const)
  const plain = fields.filter(([, value]) => isPlain(value))
  const width = Math.max(0, ...plain.map(([name]) => displayWidth(name)))
  const lines = plain.map(([name, value]) => `${indent}${pad(name, width, 'left')}  ${style(plainText(name, value))}`)
  return [
    ...lines,
    ...fields.filter(([, value]) => !isPlain(value)).flatMap(([name, value]) => section(name, value, style, indent)),
  ]
}

function section(name: string, value: unknown, style: Style, indent: string): string[] {
  const inner = `${indent}  `
  const heading = `${indent}${name}:`
  if (!isTable(value)) return [heading, ...documentLines(value as Fields, style, inner)]
  const names = [...new Set(value.flatMap(item => Object.keys(item)))]
  const columns = names.map(key => ({ name: key, value: (item: Fields): CellValue => asCell(key, item[key]) }))
  const table = new TablePrinter(columns, { headers: true, style })
  return [heading, ...table.lines(value).map(line => inner + line)]
}

const asCell = (name: string, value: unknown): CellValue => (value === undefined ? undefined : plainText(name, value))

function plainText(name: string, value: unknown): string {
  if (value === undefined || value === null || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number' && /bytes$/i.test(name)) return sizeText(value)
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(item => plainText('', item)).join(', ')
  if (isFields(value)) {
    const parts = Object.values(value).map(item => plainText('', item))
    return parts.length === 0 ? '-' : parts.join(' ')
  }
  return printable(typeof value === 'string' ? value : JSON.stringify(value))
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** As disks are sold: powers of ten. */
export function sizeText(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(bytes) / 3)))
  const amount = bytes / 1000 ** step
  return `${amount >= 100 ? Math.round(amount) : Number(amount.toFixed(1))} ${UNITS[step]}`
}
