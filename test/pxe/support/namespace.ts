import { join } from 'node:path'
import { run } from './run.ts'

export interface FetchJob {
  sizes: readonly number[]
  /** Names of FOREIGN_CLIENTS. */
  clients: readonly string[]
  /** Of one fetch. */
  timeoutMs: number
}
export interface Fetched {
  client: string
  size: number
  /** Or why there is nothing to compare. */
  same: boolean | string
  seconds: number
  retransmissions: number
}

/** Of the server, and of its clients. */
export const HOST = '10.77.0.1'
const PROGRAM = join(import.meta.dirname, 'fetch-here.ts')

/**
 * In a network namespace that ends with the process, and in which of a hundred UDP packets `loss` do not arrive. They are
 * dropped where they come in: dropped on the way out, the sender would be told.
 */
export async function fetchInNamespace(job: FetchJob, loss: number): Promise<Fetched[]> {
  const rule = `add rule ip loss in meta l4proto udp numgen random mod 100 < ${loss} drop`
  const drop = `nft 'add table ip loss; add chain ip loss in { type filter hook input priority 0; }; ${rule}'`
  // With no address but those of loopback, C programs look up no IPv4 address at all (AI_ADDRCONFIG).
  const script = `ip link set lo up && ip addr add ${HOST}/32 dev lo && ${loss > 0 ? drop : 'true'} && exec "$0" "$@"`
  const fetches = job.sizes.length * job.clients.length
  const args = ['--net', '--map-root-user', 'sh', '-c', script, process.execPath, PROGRAM, JSON.stringify(job)]
  return JSON.parse(await run('unshare', args, { timeoutMs: job.timeoutMs * fetches + 60_000 })) as Fetched[]
}
