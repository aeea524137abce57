const LONGEST = 2_000

/**
 * A link of a service as a path on that service, or undefined: links to elsewhere would carry our token there.
 * DSP0266 §6.6: links are absolute paths; Location may be a whole URI of the same service.
 */
export function pathOf(link: string, origin: string): string | undefined {
  if (link.length > LONGEST || !URL.canParse(link, origin)) return undefined
  const url = new URL(link, origin)
  const isOurs = url.origin === new URL(origin).origin && url.username === '' && url.password === ''
  return isOurs && /^(\/|https?:)/.test(link) ? `${url.pathname}${url.search}` : undefined
}
