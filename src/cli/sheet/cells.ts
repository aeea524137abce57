/** Reading cells as people and Excel write them. Each gives the value, or says what it expected. Pure. */

export type Cell<T> = { value: T } | { fault: string }

const is = <T>(value: T): Cell<T> => ({ value })
const fault = (expected: string, text: string, hint = ''): Cell<never> => ({
  fault: `expected ${expected}, got "${text}"${hint}`,
})

/** "1.23457E+11": Excel has shown a long number its way, and its digits are lost. */
const EXPONENT = /^\d([.,]\d+)?E\+?\d+$/i

export function readSerial(text: string): Cell<string> {
  return EXPONENT.test(text)
    ? fault('a serial number', text, ': Excel has shortened it; format the column as text')
    : is(text)
}

/** Names of ours are lower case and have no spaces. */
export function readName(text: string): Cell<string> {
  return is(text.toLowerCase().replaceAll(' ', '-'))
}

/** With colons, hyphens, Cisco's dots, or nothing between the digits. */
export function readMac(text: string): Cell<string> {
  const digits = text.replaceAll(/[:.\-\s]/g, '').toLowerCase()
  if (/^[0-9a-f]{12}$/.test(digits)) return is((digits.match(/../g) ?? []).join(':'))
  const shortened = EXPONENT.test(text) || /^\d{1,11}$/.test(text)
  return fault(
    'a MAC address of 12 hexadecimal digits',
    text,
    shortened ? ': Excel has made a number of it; format the column as text' : '',
  )
}

export interface Position {
  positionU: number
  /** Of a range such as 12-13. */
  heightU?: number
}

const UNIT = String.raw`(?:r?u\s*)?(\d{1,2}(?:[.,]\d)?)(?:\s*r?u)?`
const RANGE = new RegExp(`^${UNIT}(?:\\s*(?:-|–|—|to|/|:)\\s*${UNIT})?$`, 'i')

/** 12, U12, 12,5, or from bottom to top as 12-13 (or 13-12). */
export function readPosition(text: string): Cell<Position> {
  const [, first, last] = RANGE.exec(text) ?? []
  if (first === undefined)
    return fault(
      'a rack unit such as 12, U12 or 12-13',
      text,
      isExcelDate(text) ? ': Excel has made a date of it; format the column as text' : '',
    )
  const [a, b] = [decimal(first), last === undefined ? undefined : decimal(last)]
  if (b === undefined) return is({ positionU: a })
  return is({ positionU: Math.min(a, b), heightU: Math.abs(a - b) + 1 })
}

/** 2, 2U or 0,5. */
export function readHeight(text: string): Cell<number> {
  const [, number] = /^(\d{1,2}(?:[.,]\d)?)\s*(?:r?u|he)?$/i.exec(text) ?? []
  return number === undefined ? fault('a height such as 2, 2U or 0.5', text) : is(decimal(number))
}

const decimal = (text: string): number => Number(text.replace(',', '.'))

const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)'
const isExcelDate = (text: string): boolean =>
  new RegExp(`^(?:\\d{1,2}[-./ ]+${MONTH}|${MONTH}[-./ ]+\\d{1,2})`, 'i').test(text) ||
  /^\d{1,2}\.\d{1,2}\.\d{2,4}$/.test(text)

/** Without a prefix length, which some sheets write behind it. */
export function readIp(text: string): Cell<string> {
  const [ip = ''] = text.split('/')
  return /^[0-9a-f:.]+$/i.test(ip) ? is(ip) : fault('an IP address', text)
}

const PROTOCOLS: Record<string, string> = {
  redfish: 'redfish',
  ipmi: 'ipmi',
  'ipmi 2.0': 'ipmi',
  ssh: 'ssh',
  idrac: 'redfish',
  ilo: 'redfish',
  xcc: 'redfish',
}

export function readProtocol(text: string): Cell<string> {
  const protocol = PROTOCOLS[text.toLowerCase().replace(/ ?\d+$/, '')] ?? PROTOCOLS[text.toLowerCase()]
  return protocol === undefined ? fault('redfish, ipmi or ssh', text) : is(protocol)
}
