import { Type, type Static } from 'typebox'
import { AppError } from '../../lib/errors.ts'
import type { LogEntry } from '../driver.ts'
import { send } from './resource.ts'
import { Action, Link, maybe } from './schema.ts'
import type { RedfishService } from './service.ts'

/** Ids of the log of hardware events, best first: Dell, Supermicro and HPE (IML), OpenBMC. Others: by LogEntryType, then any. */
const EVENT_LOGS = ['sel', 'iml', 'eventlog', 'log1', 'standardlog']

const Text = maybe(Type.String())
const Holder = Type.Object({ LogServices: maybe(Link) })
const LogService = Type.Object({
  Id: Text,
  LogEntryType: Text,
  Entries: maybe(Link),
  Actions: maybe(Type.Object({ '#LogService.ClearLog': maybe(Action) })),
})
const Entry = Type.Object({
  Id: Type.String(),
  Created: Text,
  Message: Text,
  MessageId: Text,
  Severity: Text,
  SensorType: Text,
  EntryCode: Text,
})

/** The event log of the system or, where it keeps none, of its manager or chassis. */
async function eventLog(service: RedfishService, signal: AbortSignal) {
  const holders = [await service.system(Holder, signal)]
  for (const kind of ['managers', 'chassis'] as const)
    holders.push(...(await service.each(kind, Holder, signal)).map(({ value }) => value))
  const links = [...new Set(holders.flatMap(({ LogServices }) => LogServices?.['@odata.id'] ?? []))]
  const logs: Static<typeof LogService>[] = []
  for (const link of links) logs.push(...(await service.members(link, LogService, signal)).map(({ value }) => value))
  const rank = ({ Id, LogEntryType }: (typeof logs)[number]) => {
    const known = EVENT_LOGS.indexOf((Id ?? '').toLowerCase())
    return known >= 0 ? known : EVENT_LOGS.length + (LogEntryType === 'SEL' ? 0 : LogEntryType === 'Event' ? 1 : 2)
  }
  const [best] = logs.filter(({ Entries }) => Entries).toSorted((a, b) => rank(a) - rank(b))
  return service.require(best, 'event log')
}

/** In the order of the BMC. Members mostly come whole with their collection. */
export async function readLog(service: RedfishService, signal: AbortSignal): Promise<LogEntry[]> {
  const link = service.require((await eventLog(service, signal)).Entries, 'log entries')['@odata.id']
  return (await service.members(link, Entry, signal)).map(({ value: entry }) => ({
    id: entry.Id,
    at: timeOf(entry.Created),
    sensor: entry.SensorType ?? '',
    words: entry.Message ?? entry.MessageId ?? '',
    asserted: !/\bdeassert/i.test(entry.EntryCode ?? ''),
    raw: [entry.Severity, entry.MessageId, entry.EntryCode].filter(Boolean).join(' '),
  }))
}

function timeOf(created: string | null | undefined): string | undefined {
  const ms = Date.parse(created ?? '')
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

/** DSP2046 LogService.ClearLog. */
export async function clearLog(service: RedfishService, signal: AbortSignal): Promise<void> {
  const log = await eventLog(service, signal)
  const target = log.Actions?.['#LogService.ClearLog']?.target
  if (target === undefined)
    throw new AppError(
      'bmc_unsupported',
      `${service.session.host}: its log '${service.session.hide((log.Id ?? '').slice(0, 50))}' cannot be cleared`,
    )
  await send(service.session, 'POST', target, { body: {} }, signal)
}
