import { Address4, Address6 } from 'ip-address'
import { type Client, ProblemError } from '../../api/contract/client.ts'
import type { Document, Kind } from '../../inventory/documents/kinds.ts'
import { type AnyView, getView, pages } from '../resources/calls.ts'

type Network = Document<'network'>

/** What the inventory knows about where machines of a sheet stand. Each thing is asked for once. */
export class Places {
  readonly client: Client
  readonly views = new Map<string, Promise<AnyView | undefined>>()
  readonly networks = new Map<string, Promise<Network[]>>()
  constructor(client: Client) {
    this.client = client
  }

  async datacenterOfRack(name: string): Promise<string | undefined> {
    const rack = await this.find('rack', name)
    return rack?.datacenter as string | undefined
  }

  async machine(name: string): Promise<AnyView | undefined> {
    return this.find('machine', name)
  }

  /** The network of a datacenter that an address belongs to. */
  async networkOf(datacenter: string, ip: string): Promise<Network | undefined> {
    const networks = await this.networksOf(datacenter)
    return networks.find(({ cidr4, cidr6 }) => [cidr4, cidr6].some(cidr => cidr !== undefined && contains(cidr, ip)))
  }

  /** The only network for BMCs of a datacenter, if there is but one. */
  async onlyOobNetwork(datacenter: string): Promise<string | undefined> {
    const [first, second] = (await this.networksOf(datacenter)).filter(({ purpose }) => purpose === 'oob')
    return second ? undefined : first?.name
  }

  networksOf(datacenter: string): Promise<Network[]> {
    const known = this.networks.get(datacenter) ?? this.loadNetworks(datacenter)
    this.networks.set(datacenter, known)
    return known
  }

  async loadNetworks(datacenter: string): Promise<Network[]> {
    const found: AnyView[] = []
    for await (const page of pages(this.client, 'network', { filter: { datacenter } })) found.push(...page)
    return found as unknown as Network[]
  }

  find(kind: Kind, name: string): Promise<AnyView | undefined> {
    const key = `${kind} ${name}`
    const known = this.views.get(key) ?? getView(this.client, kind, name).catch(unlessMissing)
    this.views.set(key, known)
    return known
  }
}

/** A name that cannot be one is not there either: what is wrong with it is told when it is applied. */
function unlessMissing(error: unknown): undefined {
  if (error instanceof ProblemError && (error.code === 'not_found' || error.code === 'invalid_input')) return undefined
  throw error
}

function contains(cidr: string, ip: string): boolean {
  if (Address4.isValid(ip)) return Address4.isValid(cidr) && new Address4(ip).isInSubnet(new Address4(cidr))
  return Address6.isValid(ip) && Address6.isValid(cidr) && new Address6(ip).isInSubnet(new Address6(cidr))
}
