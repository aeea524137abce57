import { Type } from 'typebox'
import Format from 'typebox/format'
import { DomainName, Label, Line, list } from './fields.ts'

Format.Set('time-zone', isTimeZone)

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

export const Datacenter = Type.Object(
  {
    name: Label,
    dnsDomain: DomainName,
    timeZone: Type.String({ format: 'time-zone', description: 'an IANA time zone such as Europe/London' }),
  },
  { additionalProperties: false },
)

export const Room = Type.Object({ name: Label, datacenter: Label }, { additionalProperties: false })

export const Rack = Type.Object(
  {
    name: Label,
    datacenter: Label,
    room: Type.Optional(Label),
    heightU: Type.Integer({ minimum: 1, maximum: 60, description: 'a rack height of 1 to 60 units' }),
    powerFeeds: list(Line, 8),
    switch: Type.Optional(Line),
  },
  { additionalProperties: false },
)
