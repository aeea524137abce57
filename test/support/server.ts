import { chmod } from 'node:fs/promises'
import { Client } from 'pg'

/** Migrated once in a run; nobody connects to it afterwards, as PostgreSQL clones only a database without sessions. */
export const TEMPLATE = 'rackwright_template'

/** Lets the server's user pass into a directory of mkdtemp: as root, the tests run it unprivileged as the product does. */
export async function openToServer(directory: string): Promise<void> {
  await chmod(directory, 0o711)
}

/** The URL of another database on the same server. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}

export async function onServer<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
