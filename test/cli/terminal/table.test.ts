import { expect, test } from 'vitest'
import { type Column, TablePrinter } from '../../../src/cli/terminal/table.ts'

interface Row {
  name: string
  heightU?: number
  ok?: boolean
}

const COLUMNS: readonly Column<Row>[] = [
  { name: 'name', value: row => row.name },
  { name: 'heightU', value: row => row.heightU, align: 'right' },
  { name: 'ok', value: row => row.ok },
]
const plain = { style: (text: string) => text }

test('lines up columns, numbers to the right, nothing at the end of lines', () => {
  const table = new TablePrinter(COLUMNS, { ...plain, headers: true })
  const lines = table.lines([
    { name: 'a', heightU: 2, ok: true },
    { name: 'longer', heightU: 42 },
  ])
  expect(lines).toEqual(['NAME    HEIGHT U  OK', 'a              2  yes', 'longer        42  -'])
})

test('a later batch keeps the columns of the first and has no header', () => {
  const table = new TablePrinter(COLUMNS, { ...plain, headers: true })
  table.lines([{ name: 'a-long-name', heightU: 1 }])
  expect(table.lines([{ name: 'b', heightU: 1, ok: false }])).toEqual(['b                   1  no'])
})

test('without headers there are only rows, as wide as needed', () => {
  const table = new TablePrinter(COLUMNS, { ...plain, headers: false })
  expect(table.lines([{ name: 'a', heightU: 1, ok: true }])).toEqual(['a  1  yes'])
})

test('on a narrow terminal headers give way first, then wide columns, the first column last', () => {
  const lines = (width: number) => {
    const table = new TablePrinter<Row>([...COLUMNS, { name: 'why', value: () => 'because it is so' }], {
      ...plain,
      headers: true,
      width,
    })
    return table.lines([{ name: 'machine-one', heightU: 2 }])
  }
  expect(lines(80)).toEqual(['NAME         HEIGHT U  OK  WHY', 'machine-one         2  -   because it is so'])
  expect(lines(40)).toEqual(['NAME         HEIG…  OK  WHY', 'machine-one      2  -   because it is so'])
  expect(lines(35)).toEqual(['NAME         HEI…  OK  WHY', 'machine-one     2  -   because it…'])
  expect(lines(10)).toEqual(['NAME      HEI…  OK  WHY', 'machine…     2  -   because…'])
})

test('styles the words, not the space around them, and never what data brings along', () => {
  const table = new TablePrinter(COLUMNS, { headers: false, style: text => `<${text}>` })
  expect(table.lines([{ name: 'x\u001b[31m', ok: true }, { name: 'longer-than-that' }])[0]).toBe(
    '<x\\u001b[31m>       <->  <yes>',
  )
})
