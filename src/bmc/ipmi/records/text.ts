const BCD_PLUS = '0123456789 -.' // Dh to Fh are reserved
const SIX_BIT_FIRST = 0x20

/** Three bytes hold four characters, the first one in the lowest bits (FRU storage definition §13.2, §13.3). */
export function decodeSixBit(bytes: Buffer): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    bits |= byte << held
    for (held += 8; held >= 6; held -= 6) {
      text += String.fromCharCode((bits & 0x3f) + SIX_BIT_FIRST)
      bits >>= 6
    }
  }
  return text
}

/** Two digits a byte, with blank, dash and period (FRU storage definition §13.1). */
export function decodeBcdPlus(bytes: Buffer): string {
  let text = ''
  for (const byte of bytes) text += (BCD_PLUS[byte >> 4] ?? '?') + (BCD_PLUS[byte & 0x0f] ?? '?')
  return text
}

/** 8-bit ASCII with Latin 1; what firmware fills it up with is left out. */
export const decodeLatin1 = (bytes: Buffer): string => trim(bytes.toString('latin1'))

export const trim = (text: string): string => text.replaceAll('\0', '').trim()

/** Text of a sensor's record by its type code (§43.15): 0 Unicode, 1 BCD plus, 2 six-bit ASCII, 3 ASCII and Latin 1. */
export function decodeIdString(type: number, bytes: Buffer): string {
  if (type === 0) return trim(bytes.subarray(0, bytes.length & ~1).toString('utf16le'))
  if (type === 1) return trim(decodeBcdPlus(bytes))
  if (type === 2) return trim(decodeSixBit(bytes))
  return decodeLatin1(bytes)
}
