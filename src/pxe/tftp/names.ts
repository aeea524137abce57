/** The names of a tree are no longer than this, in characters. */
const NAME_MAX = 512

/**
 * The name of a file in the virtual tree, or undefined if it can be none. `/a//b/./c`, `a\b\c` and `a/b/c` are the same
 * file: firmware writes a leading slash or not, Windows' boot managers write backslashes. A name with `..` is none,
 * wherever it would lead; neither is one with control characters, or one that is empty. Case counts.
 */
export function normalizeName(name: string): string | undefined {
  if (name.length > NAME_MAX || /\p{Cc}/u.test(name)) return undefined
  const parts = name.split(/[/\\]/).filter(part => part !== '' && part !== '.')
  return parts.length === 0 || parts.includes('..') ? undefined : parts.join('/')
}
