/** What a transfer can fail of, in the words of the timeline. */
export const FAILURES = {
  'not-found': 'there is no such file',
  'bad-name': 'the name leads out of the tree, or is none',
  'write-refused': 'this server is read-only',
  'bad-request': 'the request makes no sense',
  'lookup-failed': 'the file could not be looked up',
  'read-failed': 'the file could not be read',
  'client-error': 'the client ended it',
  'client-gone': 'the client closed its port',
  timeout: 'the client stopped answering',
  'too-slow': 'it took too long',
  replaced: 'the client asked for something else from the same port',
  stopping: 'the server is stopping',
} as const
export type Failure = keyof typeof FAILURES

export interface Client {
  address: string
  port: number
}

export interface TransferInfo {
  /** Counts up from 1 while the server lives. */
  id: number
  client: Client
  /** As it was asked for. */
  file: string
  /** In bytes as they are sent, if that was known before. */
  size: number | undefined
}

export interface TransferFigures {
  /** Confirmed by the client; of the file as it is sent, so with netascii's extra bytes. */
  bytes: number
  ms: number
  retransmissions: number
  blksize: number
  windowsize: number
}

export type TransferEvent =
  | { kind: 'started'; mode: 'octet' | 'netascii'; blksize: number; windowsize: number }
  | ({ kind: 'progress' } & TransferFigures)
  /** `confirmed` is false if the client closed its port before it confirmed the last block. */
  | ({ kind: 'finished'; confirmed: boolean } & TransferFigures)
  /** The client asked for the size or the terms only: EDK2 does so before each file. */
  | ({ kind: 'probed' } & TransferFigures)
  | ({ kind: 'failed'; reason: Failure; words: string } & TransferFigures)

export type TftpEvent = TransferInfo & TransferEvent
