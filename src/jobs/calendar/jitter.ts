/**
 * A share of [0, 1) that belongs to a job: FNV-1a, then the finish of MurmurHash3, so that ids that differ in their last
 * letter lie far apart. The same in every process and after every restart: a job does not draw again.
 */
export function shareOfJob(id: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
