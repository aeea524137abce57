import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { toAppError } from '../db/violations.ts'
import { AppError, type ErrorCode, ERRORS, messageOf } from '../lib/errors.ts'
import type { Problem } from './contract/endpoint.ts'

/** Errors of Fastify itself (its documentation, "Errors") that are about what the client sent. */
const FASTIFY_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_input',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_input',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_input',
  FST_ERR_BAD_URL: 'invalid_input',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
}

/** Answers with a problem document (RFC 9457). What is nobody's input is logged here, once, with its cause. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = asAppError(error)
  const { status } = ERRORS[known.code]
  if (status >= 500) request.log.error({ err: error, code: known.code }, 'request failed')
  if (known.code === 'unauthenticated') void reply.header('www-authenticate', 'Bearer')
  if (known.code === 'try_again' || known.code === 'database_unavailable') void reply.header('retry-after', '1')
  return reply.code(status).type('application/problem+json').send(problemOf(known, request.id))
}

/** Errors of Node's HTTP parser (its documentation, "Event: 'clientError'") that are not just bad HTTP. */
const PARSER_CODES: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_too_slow',
}

/** Answers bytes that are no HTTP request, by hand: there is no request to reply to. */
export function refuseUnread(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const code = PARSER_CODES[error.code ?? ''] ?? 'invalid_input'
  const problem = problemOf(new AppError(code, `The request cannot be read (${error.message})`), randomUUID())
  const body = JSON.stringify(problem)
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

function problemOf(error: AppError, requestId: string): Problem {
  const { status } = ERRORS[error.code]
  return {
    type: `urn:rackwright:problem:${error.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(error.faults.length > 0 && { faults: [...error.faults] }),
  }
}

function asAppError(error: unknown): AppError {
  const database = toAppError(error)
  if (database instanceof AppError) return database
  const { code, statusCode } = error as Partial<FastifyError>
  const ours = FASTIFY_CODES[code ?? '']
  if (ours) return new AppError(ours, messageOf(error))
  // The HTTP parser and body streams: the client went away or sent no HTTP.
  if (statusCode !== undefined && statusCode < 500) return new AppError('invalid_input', messageOf(error))
  return new AppError('internal', 'Something went wrong that should not', { cause: error })
}
