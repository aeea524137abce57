import { type Codec, readAll, u32 } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'

export interface EnterpriseData {
  /** IANA Private Enterprise Number. */
  enterprise: number
  data: Buffer
}

/** Options 124 and 125 have one form: for each enterprise its number, a length, and what it means is its own (RFC 3925). */
export const enterpriseData: Codec<EnterpriseData[]> = {
  decode: bytes =>
    readAll(bytes, cursor => ({
      enterprise: cursor.u32('enterprise'),
      data: cursor.take(cursor.u8('length'), 'enterprise data'),
    })),
  encode: items =>
    Buffer.concat(
      items.flatMap(({ enterprise, data }) => {
        if (data.length > 255) throw new CodecError(`${data.length} bytes of one enterprise; 255 are the most`)
        return [u32.encode(enterprise), Buffer.of(data.length), data]
      }),
    ),
}
