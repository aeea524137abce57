/** The `code` of an error of Node ('ENOENT') or PostgreSQL ('23505'); '' where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** For `catch`: swallows exactly the one expected error. */
export function unless(code: string): (error: unknown) => undefined {
  return error => {
    if (codeOf(error) !== code) throw error
  }
}
