import { open } from 'node:fs/promises'

/** A file of the virtual tree: bytes at hand, or a way to read them. */
export type TftpFile = { bytes: Uint8Array } | TftpSource

export interface TftpSource {
  size: number
  /** Exactly these bytes; fewer end the transfer with an error. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** Called once, when the transfer ended. */
  close?(): Promise<void> | void
}

export async function closeFile(file: TftpFile): Promise<void> {
  try {
    if ('close' in file) await file.close?.()
  } catch {
    // It was only read: nothing is lost.
  }
}

/** A file of the host. Whoever builds the tree chooses the path: nothing of a client's name goes into it. */
export async function openHostFile(path: string): Promise<TftpSource> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    return {
      size,
      async read(offset, length) {
        const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset)
        return buffer.subarray(0, bytesRead)
      },
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}
