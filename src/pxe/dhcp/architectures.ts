/**
 * Option 93: IANA's "Processor Architecture Types" (registry of DHCPv6 parameters; RFC 4578 §2.1 with errata 4625, which
 * swapped 7 and 9: EDK2 and iPXE send 7 for x64). `boot` is where the firmware takes its boot program from.
 */
export const ARCHITECTURES = {
  0: { words: 'x86 BIOS', cpu: 'x86', firmware: 'bios', boot: 'tftp' },
  1: { words: 'NEC/PC98', cpu: 'pc98', firmware: 'bios', boot: 'tftp' },
  2: { words: 'Itanium', cpu: 'ia64', firmware: 'uefi', boot: 'tftp' },
  3: { words: 'DEC Alpha', cpu: 'alpha', firmware: 'other', boot: 'tftp' },
  4: { words: 'Arc x86', cpu: 'x86', firmware: 'other', boot: 'tftp' },
  5: { words: 'Intel Lean Client', cpu: 'x86', firmware: 'other', boot: 'tftp' },
  6: { words: 'x86 UEFI', cpu: 'x86', firmware: 'uefi', boot: 'tftp' },
  7: { words: 'x64 UEFI', cpu: 'x64', firmware: 'uefi', boot: 'tftp' },
  8: { words: 'EFI Xscale', cpu: 'arm', firmware: 'uefi', boot: 'tftp' },
  9: { words: 'EBC', cpu: 'ebc', firmware: 'uefi', boot: 'tftp' },
  10: { words: 'ARM 32-bit UEFI', cpu: 'arm', firmware: 'uefi', boot: 'tftp' },
  11: { words: 'ARM 64-bit UEFI', cpu: 'arm64', firmware: 'uefi', boot: 'tftp' },
  12: { words: 'PowerPC Open Firmware', cpu: 'ppc', firmware: 'other', boot: 'tftp' },
  13: { words: 'PowerPC ePAPR', cpu: 'ppc', firmware: 'other', boot: 'tftp' },
  14: { words: 'POWER OPAL v3', cpu: 'ppc64', firmware: 'other', boot: 'tftp' },
  15: { words: 'x86 UEFI boot from HTTP', cpu: 'x86', firmware: 'uefi', boot: 'http' },
  16: { words: 'x64 UEFI boot from HTTP', cpu: 'x64', firmware: 'uefi', boot: 'http' },
  17: { words: 'EBC boot from HTTP', cpu: 'ebc', firmware: 'uefi', boot: 'http' },
  18: { words: 'ARM 32-bit UEFI boot from HTTP', cpu: 'arm', firmware: 'uefi', boot: 'http' },
  19: { words: 'ARM 64-bit UEFI boot from HTTP', cpu: 'arm64', firmware: 'uefi', boot: 'http' },
  20: { words: 'PC/AT BIOS boot from HTTP', cpu: 'x86', firmware: 'bios', boot: 'http' },
  21: { words: 'ARM 32 U-Boot', cpu: 'arm', firmware: 'u-boot', boot: 'tftp' },
  22: { words: 'ARM 64 U-Boot', cpu: 'arm64', firmware: 'u-boot', boot: 'tftp' },
  23: { words: 'ARM U-Boot 32 boot from HTTP', cpu: 'arm', firmware: 'u-boot', boot: 'http' },
  24: { words: 'ARM U-Boot 64 boot from HTTP', cpu: 'arm64', firmware: 'u-boot', boot: 'http' },
  25: { words: 'RISC-V 32-bit UEFI', cpu: 'riscv32', firmware: 'uefi', boot: 'tftp' },
  26: { words: 'RISC-V 32-bit UEFI boot from HTTP', cpu: 'riscv32', firmware: 'uefi', boot: 'http' },
  27: { words: 'RISC-V 64-bit UEFI', cpu: 'riscv64', firmware: 'uefi', boot: 'tftp' },
  28: { words: 'RISC-V 64-bit UEFI boot from HTTP', cpu: 'riscv64', firmware: 'uefi', boot: 'http' },
  29: { words: 'RISC-V 128-bit UEFI', cpu: 'riscv128', firmware: 'uefi', boot: 'tftp' },
  30: { words: 'RISC-V 128-bit UEFI boot from HTTP', cpu: 'riscv128', firmware: 'uefi', boot: 'http' },
  31: { words: 's390 Basic', cpu: 's390', firmware: 'other', boot: 'tftp' },
  32: { words: 's390 Extended', cpu: 's390', firmware: 'other', boot: 'tftp' },
  33: { words: 'MIPS 32-bit UEFI', cpu: 'mips', firmware: 'uefi', boot: 'tftp' },
  34: { words: 'MIPS 64-bit UEFI', cpu: 'mips64', firmware: 'uefi', boot: 'tftp' },
  35: { words: 'Sunway 32-bit UEFI', cpu: 'sunway32', firmware: 'uefi', boot: 'tftp' },
  36: { words: 'Sunway 64-bit UEFI', cpu: 'sunway64', firmware: 'uefi', boot: 'tftp' },
  37: { words: 'LoongArch 32-bit UEFI', cpu: 'loongarch32', firmware: 'uefi', boot: 'tftp' },
  38: { words: 'LoongArch 32-bit UEFI boot from HTTP', cpu: 'loongarch32', firmware: 'uefi', boot: 'http' },
  39: { words: 'LoongArch 64-bit UEFI', cpu: 'loongarch64', firmware: 'uefi', boot: 'tftp' },
  40: { words: 'LoongArch 64-bit UEFI boot from HTTP', cpu: 'loongarch64', firmware: 'uefi', boot: 'http' },
  41: { words: 'ARM rpiboot', cpu: 'arm64', firmware: 'other', boot: 'tftp' },
} as const satisfies Record<number, Architecture>

export interface Architecture {
  words: string
  cpu: string
  firmware: 'bios' | 'uefi' | 'u-boot' | 'other'
  boot: 'tftp' | 'http'
}

/** What IANA says of a code; undefined for one that it has not given out. */
export const architectureOf = (code: number): Architecture | undefined =>
  Object.hasOwn(ARCHITECTURES, code) ? ARCHITECTURES[code as keyof typeof ARCHITECTURES] : undefined
