import { expect, test } from 'vitest'
import { readHeight, readIp, readMac, readPosition, readProtocol, readSerial } from '../../../src/cli/sheet/cells.ts'
import { letterOf, readHeader, readMapping } from '../../../src/cli/sheet/columns.ts'
import { decodeText, readRows } from '../../../src/cli/sheet/csv.ts'
import { readEntry } from '../../../src/cli/sheet/entry.ts'
import { fieldOf } from '../../../src/cli/sheet/fields.ts'

const rows = (text: string) => readRows(text, 'a.csv').map(({ line, cells }) => [line, ...cells])

test.each([
  ['a,b\n1,2\n', ','],
  ['a;b\r\n1;2\r\n', ';'],
  ['a\tb\n1\t2', 'tab'],
  ['a|b\n1|2', '|'],
  ['"x,y,z";b\n1;2', '; with commas in quotes'],
  ['sep=;\na;b,c\n1;2,5', 'said by Excel'],
  ['\ufeffa,b\n1,2', 'a byte order mark'],
  ['a,b\r1,2\r', 'old line ends'],
])('%j is read (%s)', text => {
  const [header, first] = readRows(text, 'a.csv')
  expect(header?.cells).toHaveLength(2)
  expect(first?.cells[0]).toBe('1')
})

test('rows know their line, whatever stands in quotes before them', () => {
  expect(rows('a,b\r\n\r\n"two\r\nlines",2\r\n,\r\n"say ""hi""",x\r\nlast,')).toEqual([
    [1, 'a', 'b'],
    [3, 'two lines', '2'],
    [6, 'say "hi"', 'x'],
    [7, 'last', ''],
  ])
})

test('space around cells, hard spaces too, does not count', () => {
  expect(rows('a,b\n  x\u00a0, \ty  z ')).toEqual([
    [1, 'a', 'b'],
    [2, 'x', 'y z'],
  ])
})

test('text comes in what spreadsheets write', () => {
  expect(decodeText(Buffer.from('Höhe'))).toBe('Höhe')
  expect(decodeText(Buffer.from('Höhe', 'latin1'))).toBe('Höhe')
  expect(decodeText(Buffer.from('\ufeffHöhe', 'utf16le'))).toBe('Höhe')
})

test.each([
  ['', 'is empty'],
  ['\n\n,,\n', 'is empty'],
  ['a,b\n"never closed,2\nx,1\n', 'a.csv:2: a quote is opened and never closed'],
])('%j is refused', (text, message) => {
  expect(() => readRows(text, 'a.csv')).toThrow(message)
})

test.each([
  ['Asset Tag', 'name'],
  ['asset_no.', 'name'],
  ['Server Name', 'name'],
  ['SERIAL NUMBER', 'serial'],
  ['ServiceTag', 'serial'],
  ['S/N', 'serial'],
  ['Rack', 'rack'],
  ['U', 'position'],
  ['U-Position', 'position'],
  ['Rack Unit', 'position'],
  ['Height (U)', 'height'],
  ['Manufacturer', 'vendor'],
  ['Hostname', 'hostname'],
  ['MAC', 'nic1.mac'],
  ['MAC Address', 'nic1.mac'],
  ['MAC1', 'nic1.mac'],
  ['mac_address_2', 'nic2.mac'],
  ['NIC 3 MAC', 'nic3.mac'],
  ['NIC1 MAC Address', 'nic1.mac'],
  ['eth0 MAC', 'nic1.mac'],
  ['eth1 mac', 'nic2.mac'],
  ['IP address', 'nic1.ip'],
  ['NIC2 IP', 'nic2.ip'],
  ['Switch port', 'nic1.port'],
  ['BMC', 'bmc.ip'],
  ['iDRAC IP', 'bmc.ip'],
  ['iDRAC9 IP Address', 'bmc.ip'],
  ['iLO IP', 'bmc.ip'],
  ['IPMI MAC', 'bmc.mac'],
  ['OOB MAC address', 'bmc.mac'],
  ['iLO User', 'bmc.user'],
  ['BMC Password', 'bmc.password'],
  ['Mgmt IP', 'bmc.ip'],
  ['BMC network', 'bmc.network'],
  ['label:Rail', 'label:rail'],
  ['Port', undefined],
  ['Remark', undefined],
  ['Price', undefined],
  ['', undefined],
])('a column %j is %s', (header, field) => {
  expect(fieldOf(header)).toBe(field)
})

test.each([
  ['12', { positionU: 12 }],
  ['U12', { positionU: 12 }],
  ['u 7', { positionU: 7 }],
  ['RU03', { positionU: 3 }],
  ['12,5', { positionU: 12.5 }],
  ['12-13', { positionU: 12, heightU: 2 }],
  ['U12 – U13', { positionU: 12, heightU: 2 }],
  ['13-12', { positionU: 12, heightU: 2 }],
  ['1 to 4', { positionU: 1, heightU: 4 }],
])('position %j', (text, value) => {
  expect(readPosition(text)).toEqual({ value })
})

test.each([
  ['AA-BB-CC-DD-EE-FF', 'aa:bb:cc:dd:ee:ff'],
  ['aabb.ccdd.eeff', 'aa:bb:cc:dd:ee:ff'],
  ['AABBCCDDEEFF', 'aa:bb:cc:dd:ee:ff'],
  ['aa:bb:cc:dd:ee:ff', 'aa:bb:cc:dd:ee:ff'],
  ['001122334455', '00:11:22:33:44:55'],
])('MAC %j', (text, value) => {
  expect(readMac(text)).toEqual({ value })
})

test.each([
  [readPosition, '12-Dec', 'Excel has made a date of it'],
  [readPosition, '12.12.2026', 'Excel has made a date of it'],
  [readPosition, 'top', 'a rack unit such as'],
  [readMac, '1122334455', 'Excel has made a number of it'],
  [readMac, '1,12233E+11', 'Excel has made a number of it'],
  [readMac, 'aa:bb:cc:dd:ee', 'expected a MAC address'],
  [readMac, 'aa:bb:cc:dd:ee:fg', 'expected a MAC address'],
  [readSerial, '1.23457E+11', 'Excel has shortened it'],
  [readHeight, 'tall', 'expected a height'],
  [readIp, 'dhcp', 'expected an IP address'],
  [readProtocol, 'telnet', 'expected redfish, ipmi or ssh'],
] as const)('%o refuses %j', (read, text, message) => {
  expect(read(text)).toEqual({ fault: expect.stringContaining(message) })
})

test('heights and protocols as people write them', () => {
  expect([readHeight('2U'), readHeight('0,5'), readHeight('2 RU')]).toEqual([
    { value: 2 },
    { value: 0.5 },
    { value: 2 },
  ])
  expect([readProtocol('Redfish'), readProtocol('IPMI 2.0'), readProtocol('iLO 5'), readProtocol('SSH')]).toEqual([
    { value: 'redfish' },
    { value: 'ipmi' },
    { value: 'redfish' },
    { value: 'ssh' },
  ])
  expect(readIp('10.0.0.1/24')).toEqual({ value: '10.0.0.1' })
})

const header = (text: string, mapping = '') =>
  readHeader(readRows(text, 'a.csv'), mapping === '' ? [] : readMapping(mapping), 'a.csv')

test('the names of columns may stand below a title, and may be said', () => {
  const found = header('Delivery 4711,,\n\nInventar,Asset Tag,Name,Serial\n', 'Inventar=label:inventory')
  expect(found.line).toBe(3)
  expect(found.columns.map(({ header: name, field }) => [name, field])).toEqual([
    ['Inventar', 'label:inventory'],
    ['Name', 'name'],
    ['Serial', 'serial'],
  ])
  expect(found.unused).toEqual(['Asset Tag'])
})

test('one column may mean two things', () => {
  expect(header('Tag,Rack\n', 'Tag=name,Tag=serial').columns.map(({ field }) => field)).toEqual([
    'name',
    'serial',
    'rack',
  ])
})

test.each([
  ['Price,Remark\n', '', 'no row with names of columns'],
  ['Serial,Rack\n', '', 'no column names the machines'],
  ['Name,Rack\n', 'Gone=serial', "there is no column 'Gone'"],
  ['Name,Rack\n', 'Rack=place', "'Rack=place' is not COLUMN=FIELD"],
  ['Name,Rack\n', 'Rack', 'is not COLUMN=FIELD'],
])('%j with --map %j is refused', (text, mapping, message) => {
  expect(() => header(text, mapping)).toThrow(message)
})

test('columns are called as spreadsheets call them', () => {
  expect([0, 25, 26, 51, 52, 701, 702].map(letterOf)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA'])
})

test('a row is read with everything that is wrong with it, cell by cell', () => {
  const text = 'Name,Serial,Rack,U,Height,MAC1,MAC2,BMC IP\nLON1 A1,n/a,LON1-A1,12-13,1,zz,-,10.0.0.1\n,S2,r,1,1,,,\n'
  const all = readRows(text, 'a.csv')
  const [first, second] = all.slice(1).map(row => readEntry(row, header(text), 'a.csv'))
  expect(first?.entry).toMatchObject({
    name: 'lon1-a1',
    rack: 'lon1-a1',
    position: { positionU: 12, heightU: 2 },
    bmc: { ip: '10.0.0.1' },
  })
  expect(first?.entry.serial).toBeUndefined()
  expect(first?.faults).toEqual([
    {
      place: { file: 'a.csv', line: 2 },
      path: 'machine lon1-a1, column F (MAC1)',
      message: expect.stringContaining('got "zz"'),
    },
    {
      place: { file: 'a.csv', line: 2 },
      path: 'machine lon1-a1, column E (Height)',
      message: expect.stringContaining('contradicts the position'),
    },
  ])
  expect(second?.faults.map(({ place, message }) => [place.line, message])).toEqual([
    [3, 'is empty: the machine needs a name'],
  ])
})
