import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { messageOf } from '../lib/errors.ts'
import { closeClient, connectionConfig, openClient } from './client.ts'
import type { Log } from './log.ts'
import { toAppError } from './violations.ts'

const RETRY_MS = { first: 100, last: 5_000 }
/** A connection that a firewall forgot is silent for ever: only asking finds out. */
const HEARTBEAT_MS = 30_000
const HEARTBEAT_TIMEOUT_MS = 5_000

export interface Listener {
  close: () => Promise<void>
}

export interface ListenOptions {
  url: string
  channel: string
  /** The payload of a NOTIFY; undefined after a reconnection: any number of hints may have been missed. */
  onHint: (payload: string | undefined) => void
  log: Log
}

/**
 * Listens on a connection of its own until `close`, and connects again whenever it is lost. A hint wakes; the tables are
 * the truth, so whoever listens also looks there now and then. Resolves when it listens; read the tables after that.
 * @throws AppError `database_unavailable` when the first connection fails.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const closing = new AbortController()
  let client = await subscribe(options)

  async function keepListening(): Promise<void> {
    for (;;) {
      await untilLost(client, closing.signal)
      if (closing.signal.aborted) return
      options.log.warn({ channel: options.channel }, 'the connection that listens was lost')
      client = await resubscribe(options, closing.signal)
      if (!closing.signal.aborted) hint(options, undefined)
    }
  }

  const ended = keepListening().catch(() => undefined) // only `close` ends it, by aborting a pause
  return {
    close: async () => {
      closing.abort()
      await closeClient(client)
      await ended
    },
  }
}

async function subscribe(options: ListenOptions): Promise<Client> {
  const config = connectionConfig({ url: options.url, name: `rackwright listen ${options.channel}` })
  const client = await openClient({ ...config, query_timeout: HEARTBEAT_TIMEOUT_MS })
  client.on('notification', ({ payload }) => hint(options, payload))
  try {
    await client.query(`listen ${client.escapeIdentifier(options.channel)}`)
    return client
  } catch (error) {
    await closeClient(client)
    throw toAppError(error)
  }
}

async function resubscribe(options: ListenOptions, signal: AbortSignal): Promise<Client> {
  for (let pauseMs = RETRY_MS.first; ; pauseMs = Math.min(pauseMs * 2, RETRY_MS.last)) {
    await sleep(pauseMs, undefined, { signal })
    try {
      return await subscribe(options)
    } catch (error) {
      options.log.warn({ channel: options.channel, reason: messageOf(error) }, 'listening again failed')
    }
  }
}

/** Resolves when the connection has ended or no longer answers, or `signal` says so. */
async function untilLost(client: Client, signal: AbortSignal): Promise<void> {
  const lost = new AbortController()
  client.once('end', () => lost.abort())
  const over = AbortSignal.any([lost.signal, signal])
  while (!over.aborted) {
    await sleep(HEARTBEAT_MS, undefined, { signal: over }).catch(() => undefined)
    if (!over.aborted) await client.query('select').catch(() => lost.abort())
  }
  await closeClient(client)
}

/** The listener's own defects must not end the connection of all. */
function hint({ onHint, channel, log }: ListenOptions, payload: string | undefined): void {
  try {
    onHint(payload)
  } catch (error) {
    log.error({ channel, reason: messageOf(error) }, 'a listener failed')
  }
}
