interface QuirkRow {
  /** What such firmware does, or what is done about it. */
  readonly does: string
  readonly source: string
  /** True: found by itself during set-up, and told to the caller to be kept. */
  readonly detected?: true
}

/** Where firmware departs from IPMI 2.0. Those that set-up cannot see by itself are given with the BMC's record. */
export const QUIRKS = {
  'password-16': {
    does: 'knows only the first 16 bytes of a password of 17 to 20',
    source: 'firmware with the user table of IPMI 1.5 (§22.30); ipmitool issue 347; FreeIPMI workaround `intel20`',
    detected: true,
  },
  'bare-role': {
    does: 'leaves the name-only bit of the role out of every code',
    source: 'ipmitool -o i82571spt: BMC in the Intel 82571 network chip',
    detected: true,
  },
  'sha1-codes': {
    does: 'agrees to suite 17, then makes its key exchange codes with SHA-1',
    source: 'reported for BMCs whose firmware was not named',
    detected: true,
  },
  'rakp3-bare-role': {
    does: 'expects the code of RAKP 3, and only that, without the name-only bit',
    source: 'ipmitool -o intelplus; OpenIPMI rakp3_wrong_rolem, "a common problem"',
  },
  'rakp4-by-integrity': {
    does: 'makes the check value of RAKP 4 with the hash of the integrity algorithm',
    source: 'ipmitool -o intelplus; FreeIPMI workaround `intel20`: Intel SE7520AF2',
  },
  'signs-with-sik': {
    does: 'signs packets with the session integrity key itself, without K1',
    source: 'OpenIPMI rmcpp_integ_sik: firmware after the first print of IPMI 2.0',
  },
  'lookup-by-role': {
    does: 'refuses the name-only lookup, so users are looked up by name and privilege',
    source: '§13.20; ipmitool -o intelplus',
  },
  'padded-name': {
    does: 'expects user names of 16 bytes, filled up with 0',
    source: 'FreeIPMI workaround `intel20`: Intel SE7520AF2',
  },
  'wrong-checksums': {
    does: 'sends messages whose checksums do not fit; their integrity codes still protect them',
    source: 'FreeIPMI workaround `nochecksumcheck`: Supermicro X9SCM-iiF, X9DRi-F, X9DRFR',
  },
} as const satisfies Record<string, QuirkRow>

export type Quirk = keyof typeof QUIRKS

/** What set-up tries by itself when the code of RAKP 2 does not fit: nobody is asked again for that, so no lock-out. */
export const RAKP2_VARIANTS: readonly (readonly Quirk[])[] = [
  [],
  ['password-16'],
  ['bare-role'],
  ['password-16', 'bare-role'],
  ['sha1-codes'],
  ['sha1-codes', 'password-16'],
]
