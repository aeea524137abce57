import { AsyncLocalStorage } from 'node:async_hooks'

const current = new AsyncLocalStorage<string[]>()

/** Runs `work` and tells the statements it sent to the database, in order: to assert or measure queries a request. */
export async function countQueries<T>(work: () => Promise<T>): Promise<{ result: T; queries: readonly string[] }> {
  const queries: string[] = []
  const result = await current.run(queries, work)
  return { result, queries }
}

/** For `connect.ts`: one statement was sent in this asynchronous context. */
export function noteQuery(sql: string): void {
  current.getStore()?.push(sql)
}
