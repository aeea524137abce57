import { copyFile, open, stat, truncate } from 'node:fs/promises'

const MAX_BYTES = 10 * 1024 * 1024
const TAIL_BYTES = 4_096

/** Keeps the server's log and one older: copies and empties it, as the server holds it open for appending. */
export async function rotateLog(path: string): Promise<void> {
  if ((await sizeOf(path)) <= MAX_BYTES) return
  await copyFile(path, `${path}.1`)
  await truncate(path)
}

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}

/** The last lines written since the file had `since` bytes, at most `count` of them. */
export async function lastLines(path: string, since: number, count: number): Promise<string[]> {
  const handle = await open(path).catch(() => undefined)
  if (!handle) return []
  try {
    const { size } = await handle.stat()
    const start = Math.max(Math.min(since, size), size - TAIL_BYTES)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start)
    return buffer.toString('utf8', 0, bytesRead).split('\n').filter(Boolean).slice(-count)
  } finally {
    await handle.close()
  }
}
