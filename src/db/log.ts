/** What this room needs of a log; pino fits. Never hand it a database URL or a parameter: both may hold a secret. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** For callers that show nothing: tests and short commands. */
export const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
