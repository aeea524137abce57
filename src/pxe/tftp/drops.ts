/** Why a packet was dropped without an answer. */
export const DROPS = {
  malformed: 'it is no TFTP packet',
  oversized: 'a request longer than allowed',
  unexpected: 'no request, on the port for requests; or one that means nothing in its transfer',
  repeated: 'a request that is being answered already, or an ACK that confirms nothing new',
  busy: 'as many transfers as allowed are under way',
  clientBusy: 'this client has as many transfers as allowed',
  stranger: 'it came to the port of a transfer of another client',
  stopping: 'the server is stopping',
  unsent: 'no socket could be opened for an answer',
  internal: 'a defect: an error that no packet should cause',
} as const
export type Drop = keyof typeof DROPS
export type DropCounts = Record<Drop, number>

export const noDrops = (): DropCounts => Object.fromEntries(Object.keys(DROPS).map(drop => [drop, 0])) as DropCounts
