import type { Document } from '../../inventory/documents/kinds.ts'

type Protocol = NonNullable<Document<'machine'>['bmc']>['protocol']
export const PROTOCOLS = ['redfish', 'ipmi', 'ssh'] as const satisfies readonly Protocol[]

/** For rows that do not say. */
export interface Wishes {
  datacenter: string | undefined
  bmcProtocol: Protocol
}
