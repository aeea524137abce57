import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** Longer than any request should take, shorter than systemd waits (90 s, TimeoutStopSec of systemd-system.conf(5)). */
const GRACE_MS = 45_000
const SWEEP_MS = 20

/**
 * How to end an app: requests in hand are answered, connections without one are cut. Call it before the app listens.
 * Node by itself closes only what is idle at that moment, and waits for the others: a connection whose request is answered
 * later lasts for the whole keep-alive time, one that never sent a request until the headers' time is over.
 */
export function closerOf(app: FastifyInstance): () => Promise<void> {
  let inHand = 0
  app.server.on('request', (_request, response: ServerResponse) => {
    inHand += 1
    response.once('close', () => (inHand -= 1))
  })
  return async () => {
    const startedAt = Date.now()
    const sweep = setInterval(() => {
      if (inHand === 0 || Date.now() - startedAt > GRACE_MS) app.server.closeAllConnections()
    }, SWEEP_MS)
    try {
      await app.close()
    } finally {
      clearInterval(sweep)
    }
  }
}
