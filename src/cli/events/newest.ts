import type { TimelineEvent } from '../../api/contract/events.ts'

const PAGE = 1_000

interface Page {
  items: TimelineEvent[]
  /** Where the page before it begins; absent on the first one. */
  next?: number
}

/** The newest `limit` events, the newest first, by pages that go back. */
export async function newest(
  limit: number,
  readPage: (query: { before: number; limit: number }) => Promise<Page>,
): Promise<TimelineEvent[]> {
  const found: TimelineEvent[] = []
  for (let before: number | undefined = Number.MAX_SAFE_INTEGER; before !== undefined && found.length < limit; ) {
    const { items, next } = await readPage({ before, limit: Math.min(PAGE, limit - found.length) })
    found.push(...items)
    before = next
  }
  return found
}
