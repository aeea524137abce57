import { setTimeout as sleep } from 'node:timers/promises'
import { killNow, processesOf } from './processes.ts'
import type { Site } from './site.ts'

export interface Strike {
  /** Kills something of a site that is being written to; `random` chooses what and when. Returns faults. */
  strike: (site: Site, random: () => number) => Promise<string[]>
  /** Whether the controller is gone then, and somebody (systemd) starts the next one. */
  endsController: boolean
}

const START_KILLED_WITHIN_MS = 1_800

/** What may be killed. All by SIGKILL, but the one that stops in order. */
export const STRIKES = {
  controller: { endsController: true, strike: async site => (await site.controller.kill(), []) },
  postmaster: { endsController: false, strike: async site => (killNow(await site.postmaster()), []) },
  both: {
    endsController: true,
    strike: async (site, random) => {
      const postmaster = await site.postmaster()
      const victims = [postmaster, site.controller.pid]
      for (const pid of random() < 0.5 ? victims : victims.toReversed()) killNow(pid)
      await site.controller.exited
      return []
    },
  },
  'backend processes': { endsController: false, strike: killBackends },
  'all processes': { endsController: true, strike: async site => (await killAll(site), []) },
  'SIGTERM in the middle': { endsController: true, strike: site => stopInOrder(site) },
  'controller, and the next while it starts': {
    endsController: true,
    strike: async (site, random) => {
      await site.controller.kill()
      const next = site.start()
      await sleep(random() * START_KILLED_WITHIN_MS)
      await next.kill()
      return []
    },
  },
  'all processes, and a stop during the start': {
    endsController: true,
    strike: async (site, random) => {
      await killAll(site)
      site.start()
      await sleep(random() * START_KILLED_WITHIN_MS)
      return stopInOrder(site, ['SIGTERM'])
    },
  },
} as const satisfies Record<string, Strike>

export type StrikeName = keyof typeof STRIKES
export const STRIKE_NAMES = Object.keys(STRIKES) as readonly StrikeName[]

/** One of the server's children, or each with a chance of a half: sessions, checkpointer, writers. */
async function killBackends(site: Site, random: () => number): Promise<string[]> {
  const postmaster = await site.postmaster()
  const children = (await processesOf(site.dataDir)).filter(({ parent }) => parent === postmaster)
  const chosen = children[Math.floor(random() * children.length)]
  const one = random() < 0.5
  for (const child of children) if (child === chosen || (!one && random() < 0.5)) killNow(child.pid)
  return []
}

/** As a loss of power does, but for what the kernel has not written yet. */
async function killAll(site: Site): Promise<void> {
  for (const { pid } of await processesOf(site.dataDir)) killNow(pid)
  await site.controller.kill()
}

/** `endings`: how it may end beside code 0. By the signal itself, if it has not even read its program: nothing is started then. */
async function stopInOrder(site: Site, endings: readonly NodeJS.Signals[] = []): Promise<string[]> {
  const { code, signal } = await site.controller.stop()
  const left = await processesOf(site.dataDir)
  const well = code === 0 || (signal !== null && endings.includes(signal))
  return [
    ...(well ? [] : [`SIGTERM: it ended with ${signal ?? code}: ${site.controller.words}`]),
    ...left.map(({ pid, command }) => `left after SIGTERM: process ${pid}: ${command}`),
  ]
}
