const [NUL, LF, CR] = [0, 10, 13]

/**
 * Netascii (RFC 764, named by RFC 1350 §1): a line ends with CR LF, a CR that ends no line is followed by NUL. In our
 * files a line ends with LF, so a CR of theirs ends none. No byte depends on its neighbours: any piece can be converted.
 */
export function toNetascii(bytes: Uint8Array): Buffer {
  const converted = Buffer.allocUnsafe(netasciiBytes(bytes))
  let at = 0
  for (const byte of bytes) {
    if (byte === LF) converted[at++] = CR
    converted[at++] = byte
    if (byte === CR) converted[at++] = NUL
  }
  return converted
}

/** The length of `toNetascii(bytes)`. */
export function netasciiBytes(bytes: Uint8Array): number {
  let extra = 0
  for (const byte of bytes) if (byte === LF || byte === CR) extra += 1
  return bytes.length + extra
}
