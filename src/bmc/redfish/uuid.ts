/** What the inventory knows of the system that is meant; what is absent may be anything. */
export interface WantedSystem {
  readonly uuid?: string
  readonly serial?: string
}

interface Shown {
  readonly UUID?: string | null
  readonly SerialNumber?: string | null
  readonly SKU?: string | null
}

/** As told, and with its first three fields in the other byte order: SMBIOS and firmware differ (DSP0134 §7.2.1). */
export function uuidsOf(text: string): string[] {
  const hex = text.toLowerCase().replaceAll('-', '')
  if (!/^[0-9a-f]{32}$/.test(hex) || /^(0+|f+)$/.test(hex)) return []
  const swap = (from: number, to: number) => (hex.slice(from, to).match(/../g) ?? []).toReversed().join('')
  return [...new Set([hex, swap(0, 8) + swap(8, 12) + swap(12, 16) + hex.slice(16)])].map(dashed)
}

const dashed = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')

/** Serials also by SKU, where Dell keeps its service tag. */
export function isSystem(shown: Shown, wanted: WantedSystem): boolean {
  const [uuid] = wanted.uuid === undefined ? [] : uuidsOf(wanted.uuid)
  const serials = [shown.SerialNumber, shown.SKU].map(serial => serial?.trim().toLowerCase())
  const fitsUuid = wanted.uuid === undefined || (uuid !== undefined && uuidsOf(shown.UUID ?? '').includes(uuid))
  return fitsUuid && (wanted.serial === undefined || serials.includes(wanted.serial.trim().toLowerCase()))
}
