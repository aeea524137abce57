import { type Codec, readAll } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'
import { text } from './values.ts'

/** Option 77. iPXE and Windows send one class without the length that RFC 3004 §4 puts before each: `form: 'raw'`. */
export interface UserClass {
  form: 'list' | 'raw'
  classes: string[]
}

export const userClass: Codec<UserClass> = {
  decode: bytes =>
    isList(bytes)
      ? { form: 'list', classes: readAll(bytes, cursor => text.decode(cursor.take(cursor.u8('length'), 'class'))) }
      : { form: 'raw', classes: [text.decode(bytes)] },
  encode({ form, classes }) {
    if (form === 'list') return Buffer.concat(classes.map(withLength))
    if (classes.length !== 1) throw new CodecError(`${classes.length} user classes do not fit in the raw form`)
    return text.encode(classes[0] ?? '')
  },
}

/** The lengths add up, and none is zero (RFC 3004 §4). 'iPXE' would begin with a class of 105 bytes. */
function isList(bytes: Buffer): boolean {
  let at = 0
  for (let length = bytes[0]; length !== undefined && length > 0; length = bytes[at]) at += 1 + length
  return at === bytes.length
}

function withLength(name: string): Buffer {
  const bytes = text.encode(name)
  if (bytes.length === 0 || bytes.length > 255) throw new CodecError(`a user class of ${bytes.length} bytes`)
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}
