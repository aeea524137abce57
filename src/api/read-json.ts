import type { FastifyInstance } from 'fastify'
import type { Fault } from '../lib/errors.ts'
import { escapePointer, inputError } from '../lib/schema.ts'

const JSON_TYPES = ['application/json', 'application/merge-patch+json']

/** JSON only. No body at all is fine where none is wanted, whatever the header promises; a wanted one is then missing. */
export function readJson(app: FastifyInstance): void {
  const readText = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(JSON_TYPES, { parseAs: 'string' }, (request, body, done) => {
    const text = body as string
    if (text === '') return done(null, undefined)
    void readText(request, text, (error, value: unknown) => {
      const faults = error === null && SUSPECT.test(text) ? textFaults(value) : []
      done(faults.length > 0 ? inputError('The body', faults) : error, value)
    })
  })
}

/** Keys that mean something else in JavaScript: libraries drop them in silence. */
const KEYS = new Set(['__proto__', 'constructor', 'prototype'])
/** Only a text with an escape or one of those keys can hold what is looked for. */
const SUSPECT = /\\u|"(__proto__|constructor|prototype)"/
const FAULTS_MAX = 50

/** Texts that PostgreSQL cannot hold as they are (U+0000, half of a surrogate pair) and keys of `KEYS`. */
function textFaults(value: unknown): Fault[] {
  const faults: Fault[] = []
  // A list of what is yet to be seen, as a body can be nested deeper than calls can.
  const open: [string, unknown][] = [['', value]]
  for (let next = open.pop(); next && faults.length < FAULTS_MAX; next = open.pop()) {
    const [path, here] = next
    if (typeof here === 'string' && !isStorable(here))
      faults.push({ path, message: 'expected text without U+0000 and without half of a surrogate pair' })
    if (typeof here !== 'object' || here === null) continue
    for (const [key, inner] of Object.entries(here)) {
      const at = `${path}/${escapePointer(key)}`
      if (KEYS.has(key)) faults.push({ path: at, message: 'is a name that cannot be used' })
      else if (!isStorable(key)) faults.push({ path, message: 'has a name with U+0000 or half of a surrogate pair' })
      open.push([at, inner])
    }
  }
  return faults.toReversed()
}

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
