import { connect } from 'node:net'
import { MAINTENANCE_DATABASE, layoutOf, urlOf } from '../../../src/db/local/layout.ts'
import type { Account } from '../../../src/db/local/commands.ts'
import { isRoot, ordinaryUser, postmasterPid, type Workshop } from '../../db/support/local.ts'
import { ControllerProcess } from '../../support/process.ts'
import type { Cell } from './cells.ts'

/** Below the ports that the kernel gives to outgoing connections (ip(7), ip_local_port_range). */
const PORTS = { first: 20_000, count: 10_000 }

/** One data directory, and the controllers that serve it one after the other. */
export class Site {
  readonly cell: Cell
  readonly dataDir: string
  readonly workshop: Workshop
  readonly #account: Account | undefined
  readonly #listen: string
  controller: ControllerProcess

  constructor(cell: Cell, workshop: Workshop, place: { dataDir: string; account: Account | undefined; port: number }) {
    this.cell = cell
    this.workshop = workshop
    this.dataDir = place.dataDir
    this.#account = place.account
    // One port for all: that the next controller can have it at once is a part of the test.
    this.#listen = `127.0.0.1:${place.port}`
    this.controller = this.start()
  }

  get url(): string {
    return `http://${this.#listen}`
  }

  get databaseUrl(): string {
    return urlOf(layoutOf(this.dataDir))
  }

  get maintenanceUrl(): string {
    return urlOf(layoutOf(this.dataDir), MAINTENANCE_DATABASE)
  }

  start(): ControllerProcess {
    this.controller = this.another(this.#listen)
    return this.controller
  }

  /** A controller of the same data directory, which may be one too many. */
  another(listen: string): ControllerProcess {
    const { postgres } = this.cell
    const controller = new ControllerProcess({ dataDir: this.dataDir, listen, account: this.#account, postgres })
    this.workshop.onEnd(() => controller.kill())
    return controller
  }

  postmaster(): Promise<number> {
    return postmasterPid(this.dataDir)
  }
}

export async function openSite(cell: Cell, workshop: Workshop, random: () => number): Promise<Site> {
  const account = cell.user === 'ordinary' && isRoot ? await ordinaryUser() : undefined
  return new Site(cell, workshop, { dataDir: await workshop.dataDir(account), account, port: await freePort(random) })
}

async function freePort(random: () => number): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(random() * PORTS.count)
    if (!(await answers(port))) return port
  }
}

function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1')
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}
