/** The way to one BMC by datagrams. */
export interface Wire {
  readonly send: (packet: Buffer) => void
  readonly close: () => void
}

/** Opens the way to an IP address and port; `receive` gets what comes from there. */
export type ConnectUdp = (address: string, port: number, receive: (packet: Buffer) => void) => Wire
