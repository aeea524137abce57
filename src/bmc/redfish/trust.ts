import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { buildConnector } from 'undici'
import { AppError } from '../../lib/errors.ts'

/**
 * How a BMC proves that it is that BMC. `pinned`: by the SHA-256 of its certificate (64 hexadecimal digits); without one, the
 * first certificate seen is told to `onCertificate`, to be kept. `ca`: by a chain to these authorities (PEM). `plain`: HTTP,
 * where nothing is proved and passwords can be read on the way; only for whoever says so.
 */
export type Trust =
  | { readonly kind: 'pinned'; readonly sha256?: string; readonly onCertificate: (sha256: string) => void }
  | { readonly kind: 'ca'; readonly ca: string; readonly serverName?: string }
  | { readonly kind: 'plain' }

const CONNECT_MS = 10_000

/** What undici opens connections with: nothing is sent on one whose certificate was not accepted (DSP0266 §14.2). */
export function connector(host: string, trust: Trust): buildConnector.connector {
  const pin = { seen: trust.kind === 'pinned' ? trust.sha256?.toLowerCase() : undefined }
  return ({ hostname, port }, callback) => {
    const address = {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (trust.kind === 'plain' ? 80 : 443),
    }
    const socket = trust.kind === 'plain' ? connectTcp(address) : openTls(address, trust)
    const timer = setTimeout(() => socket.destroy(timeout(host)), CONNECT_MS)
    let done = false
    const finish = (error: Error | undefined) => {
      clearTimeout(timer)
      if (done) return
      done = true
      if (error) socket.destroy()
      if (error) callback(error, null)
      else callback(null, socket)
    }
    socket.once('error', finish)
    socket.once('close', () =>
      finish(new AppError('bmc_unreachable', `${host}: closed the connection while it was opened`)),
    )
    socket.once(trust.kind === 'plain' ? 'connect' : 'secureConnect', () => {
      socket.setNoDelay(true)
      finish(refusalOf(host, trust, pin, socket))
    })
  }
}

const timeout = (host: string) =>
  new AppError('bmc_unreachable', `${host}: no connection within ${CONNECT_MS / 1000} s`)

function openTls(address: { host: string; port: number }, trust: Exclude<Trust, { kind: 'plain' }>): Socket {
  const ca = trust.kind === 'ca' ? { ca: trust.ca } : {}
  // Never Node's own verdict alone: `refusalOf` judges each connection, so that the error says what to do.
  return connectTls({ ...address, ...ca, ...serverName(trust), rejectUnauthorized: false })
}

function serverName(trust: Exclude<Trust, { kind: 'plain' }>) {
  return trust.kind === 'ca' && trust.serverName ? { servername: trust.serverName } : {}
}

function refusalOf(
  host: string,
  trust: Trust,
  pin: { seen: string | undefined },
  socket: Socket,
): AppError | undefined {
  if (trust.kind === 'plain') return undefined
  const tls = socket as TLSSocket
  if (trust.kind === 'ca') return tls.authorized ? undefined : notSigned(host, tls.authorizationError)
  // An abbreviated handshake shows no certificate; none of ours is one, as no session is offered.
  const seen = tls.getPeerCertificate().fingerprint256?.replaceAll(':', '').toLowerCase()
  if (!seen) return new AppError('bmc_auth', `${host}: showed no certificate`)
  if (pin.seen !== undefined && seen !== pin.seen) return mismatch(host, pin.seen, seen)
  if (pin.seen === undefined) trust.onCertificate(seen)
  pin.seen = seen
  return undefined
}

const notSigned = (host: string, why: Error | string | null) =>
  new AppError('bmc_auth', `${host}: its certificate is not accepted (${why instanceof Error ? why.message : why})`, {
    fix: 'Give the authority that signed it, or pin the certificate.',
  })

const mismatch = (host: string, expected: string, seen: string) =>
  new AppError('bmc_auth', `${host}: shows another certificate (SHA-256 ${seen}) than the one kept (${expected})`, {
    fix: 'If the BMC was reset, replaced or given a new certificate, forget the kept one; else somebody is in between.',
  })
