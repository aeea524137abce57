import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { link, open, readFile, unlink } from 'node:fs/promises'
import { AppError } from './errors.ts'

/** AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce a message: good for 2^32 messages a key. */
const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** The first byte of a sealed secret, so that a later format can be told from this one. */
const VERSION = 1

export interface Sealer {
  /** Names the key without telling it: to see whether a database was sealed with this one. */
  readonly fingerprint: string
  /** `purpose` is bound to the secret: what was sealed for one purpose does not open for another. */
  seal(secret: string, purpose: string): Buffer
  /** @throws AppError `secret_unreadable`: another key, another purpose, or damage. */
  unseal(sealed: Buffer, purpose: string): string
  /** Tells whether two texts are the same, without a way back: a plain hash of a text with a weak password has one. */
  digest(text: string): string
}

export function sealerFrom(key: Buffer): Sealer {
  return {
    fingerprint: createHash('sha256').update('rackwright key').update(key).digest('hex').slice(0, 16),
    seal: (secret, purpose) => seal(key, secret, purpose),
    unseal: (sealed, purpose) => unseal(key, sealed, purpose),
    digest: text => createHmac('sha256', key).update('rackwright digest').update(text).digest('hex'),
  }
}

function seal(key: Buffer, secret: string, purpose: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(purpose))
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), text])
}

function unseal(key: Buffer, sealed: Buffer, purpose: string): string {
  const [nonceEnd, tagEnd] = [1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES]
  try {
    if (sealed[0] !== VERSION) throw new Error(`format ${sealed[0]}, not ${VERSION}`)
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(1, nonceEnd), { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(purpose)).setAuthTag(sealed.subarray(nonceEnd, tagEnd))
    return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new AppError('secret_unreadable', `The sealed ${purpose} does not open with this key`, { cause })
  }
}

/**
 * The key in `file` (64 hexadecimal digits), created with mode 0600 if there is none. A file that others can read is
 * refused: it must be assumed known.
 */
export async function openKeyFile(file: string): Promise<Sealer> {
  const existing = await readKey(file)
  if (existing) return sealerFrom(existing)
  await createKey(file)
  const created = await readKey(file)
  if (!created) throw new AppError('invalid_config', `The key file ${file} vanished while it was made`)
  return sealerFrom(created)
}

/** Written whole beside it first, and then linked: who starts at the same moment, or after a crash, finds all or nothing. */
async function createKey(file: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  const handle = await open(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('hex')}\n`)
    await handle.sync()
    await link(draft, file)
  } catch (error) {
    // Another process was faster: its key is the key.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await handle.close()
    await unlink(draft)
  }
}

async function readKey(file: string): Promise<Buffer | undefined> {
  let text: string
  try {
    await checkMode(file)
    text = (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new AppError('invalid_config', `The key file ${file} does not hold 64 hexadecimal digits`)
  return Buffer.from(text, 'hex')
}

async function checkMode(file: string): Promise<void> {
  const handle = await open(file, 'r')
  try {
    const { mode } = await handle.stat()
    if ((mode & 0o077) !== 0)
      throw new AppError(
        'invalid_config',
        `The key file ${file} can be read by others (mode ${(mode & 0o777).toString(8)})`,
        {
          fix: `Run chmod 600 ${file}, and think about who may have read it.`,
        },
      )
  } finally {
    await handle.close()
  }
}
