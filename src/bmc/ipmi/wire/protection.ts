import { createCipheriv, createDecipheriv, createHash, createHmac, type KeyObject, randomFillSync } from 'node:crypto'
import { AppError, CodecError } from '../../../lib/errors.ts'
import type { SessionKeys } from './keys.ts'
import { type Algorithms, INTEGRITY } from './suites.ts'

/** How the packets of one session are signed and encrypted. Its keys cannot be seen from outside. */
export interface Protection {
  /** 0: packets are not signed. */
  readonly codeBytes: number
  readonly sign: (signed: Buffer) => Buffer
  readonly encrypts: boolean
  readonly encrypt: (plain: Buffer) => Buffer
  /** @throws CodecError */
  readonly decrypt: (sealed: Buffer) => Buffer
}

const AES = 'aes-128-cbc'
const BLOCK_BYTES = 16

/** Of a session with these algorithms and keys. @throws AppError `bmc_unsupported` for xRC4, which nobody should use. */
export function protectionFor(algorithms: Algorithms, keys: SessionKeys): Protection {
  const { integrity, confidentiality } = algorithms
  if (confidentiality !== 'none' && confidentiality !== 'aes-cbc-128')
    throw new AppError('bmc_unsupported', `confidentiality '${confidentiality}' is not offered by this controller`)
  return {
    codeBytes: INTEGRITY[integrity].bytes,
    sign: signerFor(algorithms, keys),
    encrypts: confidentiality === 'aes-cbc-128',
    ...aesWith(keys.confidentiality),
  }
}

function signerFor({ integrity }: Algorithms, keys: SessionKeys): Protection['sign'] {
  switch (integrity) {
    case 'none':
      return () => Buffer.alloc(0)
    case 'hmac-sha1-96':
      return hmacSigner('sha1', keys.integrity, INTEGRITY[integrity].bytes)
    case 'hmac-md5-128':
      return hmacSigner('md5', keys.integrity, INTEGRITY[integrity].bytes)
    case 'hmac-sha256-128':
      return hmacSigner('sha256', keys.integrity, INTEGRITY[integrity].bytes)
    case 'md5-128': {
      // The password frames the data, as in IPMI 1.5 (§13.28.3, §22.17.1).
      const password = keys.password.export()
      return signed => createHash('md5').update(password).update(signed).update(password).digest()
    }
  }
}

const hmacSigner = (hash: string, key: KeyObject, bytes: number) => (signed: Buffer) =>
  createHmac(hash, key).update(signed).digest().subarray(0, bytes)

/** AES-CBC-128 (§13.29): a random vector, then data, the bytes 1, 2, 3... as padding, and the padding's length. */
function aesWith(key: KeyObject): Pick<Protection, 'encrypt' | 'decrypt'> {
  return {
    encrypt: plain => {
      const pad = -(plain.length + 1) & (BLOCK_BYTES - 1)
      const padded = Buffer.allocUnsafe(plain.length + pad + 1)
      plain.copy(padded)
      for (let index = 0; index < pad; index++) padded[plain.length + index] = index + 1
      padded[padded.length - 1] = pad
      const vector = randomFillSync(Buffer.allocUnsafe(BLOCK_BYTES))
      const cipher = createCipheriv(AES, key, vector).setAutoPadding(false)
      return Buffer.concat([vector, cipher.update(padded), cipher.final()])
    },
    decrypt: sealed => {
      if (sealed.length < 2 * BLOCK_BYTES || sealed.length % BLOCK_BYTES !== 0)
        throw new CodecError(`an encrypted payload of ${sealed.length} bytes`)
      const decipher = createDecipheriv(AES, key, sealed.subarray(0, BLOCK_BYTES)).setAutoPadding(false)
      return unpad(Buffer.concat([decipher.update(sealed.subarray(BLOCK_BYTES)), decipher.final()]))
    },
  }
}

/** Padding is checked: a payload that decrypts to something else was encrypted with another key. */
function unpad(padded: Buffer): Buffer {
  const pad = padded[padded.length - 1] ?? 0
  const end = padded.length - 1 - pad
  if (end < 0 || pad >= BLOCK_BYTES) throw new CodecError(`${pad} bytes of padding in ${padded.length}`)
  for (let index = 0; index < pad; index++)
    if (padded[end + index] !== index + 1) throw new CodecError('the padding of an encrypted payload does not fit')
  return padded.subarray(0, end)
}
