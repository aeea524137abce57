interface QuirkRow {
  readonly manufacturer: RegExp
  /** Of the manager; absent: all. */
  readonly firmware?: RegExp
  readonly model?: RegExp
  readonly does: string
  readonly source: string
}

/** Where firmware departs from DSP0266 and DSP2046 in ways that a reply does not show. */
export const QUIRKS = {
  'serial-in-sku': {
    manufacturer: /^dell/i,
    does: 'keeps the service tag, which people call the serial, in SKU; SerialNumber is that of the board',
    source: 'Ironic bug 2146585: iDRAC',
  },
  'boot-in-settings': {
    manufacturer: /^dell/i,
    model: /\biDRAC ?10\b|^17G/i,
    does: 'takes boot overrides only in the settings object',
    source: 'MAAS, 2026-08-02: iDRAC 10',
  },
} as const satisfies Record<string, QuirkRow>

export type Quirk = keyof typeof QUIRKS

/** Product names that say nothing: the chassis or the service root may know better (Ironic bug 2136233: always "System"). */
export const EMPTY_PRODUCTS =
  /^(system|computer system|default string|to be filled by o\.?e\.?m\.?|not specified|n\/?a|none|unknown)?$/i

export function quirksOf(of: { manufacturer: string; model: string; firmware: string }): Quirk[] {
  const names = Object.keys(QUIRKS) as Quirk[]
  return names.filter(name => {
    const { manufacturer, model, firmware }: QuirkRow = QUIRKS[name]
    return (
      manufacturer.test(of.manufacturer) && (model?.test(of.model) ?? true) && (firmware?.test(of.firmware) ?? true)
    )
  })
}
