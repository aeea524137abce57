import { Type, type TSchema } from 'typebox'

/** Most properties of Redfish may be null or absent (DSP0266 §9.5), and then mean: not known. */
export const maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

export const Link = Type.Object({ '@odata.id': Type.String() })

/** An action that may be there: where to POST (DSP0266 §6.14). */
export const Action = Type.Object({ target: Type.String() })
/** The same, with the reset types that it takes (§9.8). */
export const ResetAction = Type.Object({
  target: Type.String(),
  '@Redfish.ActionInfo': maybe(Type.String()),
  'ResetType@Redfish.AllowableValues': maybe(Type.Array(Type.String())),
})

export const Status = maybe(Type.Object({ State: maybe(Type.String()), Health: maybe(Type.String()) }))

/** `@Redfish.Settings` (DSP0266 §9.10): where changes are to be written that take effect later. */
export const Settings = maybe(Type.Object({ SettingsObject: maybe(Link) }))
