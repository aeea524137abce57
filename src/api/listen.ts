import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../lib/config.ts'
import { AppError, messageOf } from '../lib/errors.ts'

/** Certificate and key as `buildApp` wants them. @throws AppError `invalid_config` for a file that cannot be read. */
export async function readTls(tls: Config['api']['tls']): Promise<{ cert: Buffer; key: Buffer } | undefined> {
  if (!tls) return undefined
  try {
    return { cert: await readFile(tls.cert), key: await readFile(tls.key) }
  } catch (error) {
    throw new AppError('invalid_config', `api.tls: ${messageOf(error)}`, { cause: error })
  }
}

/** Listens where the configuration says, and tells the URL that it is reached by (port 0 becomes the one it got). */
export async function listenOn(app: FastifyInstance, { listen, publicUrl }: Config['api']): Promise<string> {
  const at = listen.lastIndexOf(':')
  const host = listen.slice(0, at).replaceAll(/[[\]]/g, '')
  try {
    const url = await app.listen({ host, port: Number(listen.slice(at + 1)) })
    return publicUrl ?? url
  } catch (error) {
    throw new AppError('invalid_config', `api.listen: cannot listen on ${listen} (${messageOf(error)})`, {
      cause: error,
      fix: 'Choose another port, or stop what uses it.',
    })
  }
}
