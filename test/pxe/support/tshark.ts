import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Datagram {
  from: number
  to: number
  payload: Buffer
}

/** What tshark says of each datagram: the fields asked for, and every malformation and error that its dissectors see. */
export function dissect(
  datagrams: readonly Datagram[],
  fields: readonly string[],
): { fields: string[]; faults: string[] }[] {
  const folder = mkdtempSync(join(tmpdir(), 'rackwright-tshark-'))
  try {
    const file = join(folder, 'packets.pcap')
    writeFileSync(file, pcap(datagrams))
    const wanted = ['_ws.malformed', '_ws.expert.message', ...fields].flatMap(field => ['-e', field])
    const args = ['-r', file, '-n', '-T', 'fields', '-E', 'separator=/t', '-E', 'aggregator=|', ...wanted]
    const run = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })
    if (run.error || run.status !== 0) throw new Error(`tshark: ${run.error?.message ?? run.stderr}`)
    const lines = run.stdout.split('\n').slice(0, -1)
    if (lines.length !== datagrams.length)
      throw new Error(`tshark told of ${lines.length} of ${datagrams.length} packets`)
    return lines.map(line => {
      const [malformed = '', expert = '', ...values] = line.split('\t')
      return { fields: values, faults: [malformed, ...expert.split('|')].filter(Boolean) }
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The classic format, link type 228: IPv4 without a link layer (pcap-linktype(7)). */
function pcap(datagrams: readonly Datagram[]): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(0xa1b2c3d4, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(0x40000, 16)
  head.writeUInt32LE(228, 20)
  return Buffer.concat([head, ...datagrams.flatMap(record)])
}

function record({ from, to, payload }: Datagram, index: number): Buffer[] {
  const ip = Buffer.alloc(28)
  ip.writeUInt8(0x45, 0)
  ip.writeUInt16BE(28 + payload.length, 2)
  ip.writeUInt8(64, 8)
  ip.writeUInt8(17, 9)
  ip.set([10, 77, 0, 1, 10, 77, 0, 2], 12)
  ip.writeUInt16BE(from, 20)
  ip.writeUInt16BE(to, 22)
  ip.writeUInt16BE(8 + payload.length, 24)
  const head = Buffer.alloc(16)
  head.writeUInt32LE(index, 0)
  head.writeUInt32LE(ip.length + payload.length, 8)
  head.writeUInt32LE(ip.length + payload.length, 12)
  return [head, ip, payload]
}
