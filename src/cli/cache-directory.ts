import path from 'node:path'

/**
 * Where compiled code is kept (XDG Base Directory Specification): in the home of whoever runs the command and nowhere
 * else, because what lies in a shared directory may be another's code.
 */
export function cacheDirectory({ XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): string | undefined {
  if (XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME)) return path.join(XDG_CACHE_HOME, 'rackwright')
  return HOME ? path.join(HOME, '.cache', 'rackwright') : undefined
}
