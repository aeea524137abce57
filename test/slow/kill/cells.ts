/** Who runs the controller, and whose PostgreSQL it runs. */
export interface Cell {
  user: 'root' | 'ordinary'
  postgres: 'system' | 'npm'
}

export const MATRIX: readonly Cell[] = [
  { user: 'root', postgres: 'system' },
  { user: 'root', postgres: 'npm' },
  { user: 'ordinary', postgres: 'system' },
  { user: 'ordinary', postgres: 'npm' },
]

export const nameOf = ({ user, postgres }: Cell): string =>
  `${user === 'root' ? 'root' : 'ordinary user'}, ${postgres} binaries`
