import type { NetworkFaults } from './faults.ts'

type Deliver = (packet: Buffer) => void
/** Takes a packet, and what to do with whatever arrives of it. */
export type Network = (packet: Buffer, deliver: Deliver) => void

/** How many old packets may come once more. */
const REMEMBERED = 64

/** One direction of a network. Without faults, it delivers at once. */
export function network(faults: NetworkFaults | undefined, random: () => number): Network {
  if (!faults) return (packet, deliver) => deliver(packet)
  const { delayMs = 0, jitterMs = 0 } = faults
  const happens = (rate: number | undefined) => rate !== undefined && random() < rate
  const old: (() => void)[] = []
  let held: (() => void) | undefined

  function remember(arrive: () => void): void {
    if (faults?.replay === undefined) return
    old.push(arrive)
    if (old.length > REMEMBERED) old.shift()
  }

  return (packet, deliver) => {
    const arrive = (bytes: Buffer) => {
      const waitMs = delayMs + random() * jitterMs
      if (waitMs > 0) setTimeout(deliver, waitMs, bytes)
      else deliver(bytes)
    }
    const arriveWhole = () => arrive(packet)
    if (happens(faults.replay)) old[Math.floor(random() * old.length)]?.()
    remember(arriveWhole)
    if (happens(faults.loss)) return
    if (!held && happens(faults.reorder)) {
      held = arriveWhole
      return
    }
    arrive(happens(faults.damage) ? damaged(packet, random) : packet)
    if (happens(faults.duplicate)) arriveWhole()
    held?.()
    held = undefined
  }
}

function damaged(packet: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(packet)
  const at = Math.floor(random() * copy.length)
  copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8))
  return copy
}
