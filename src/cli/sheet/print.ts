import type { Located } from '../inventory/read.ts'
import type { Output } from '../terminal/output.ts'

/** The machines of a sheet as an inventory file. Passwords stay in the sheet. */
export async function printMachines(out: Output, documents: readonly Located[]): Promise<void> {
  const machines = documents.map(({ value }) => withoutPassword(value as Machine))
  if (out.json) return out.value({ machines })
  const { stringify } = await import('yaml')
  // 1.1: so that other programs read `no` and `12:30` as the words they are.
  out.line(stringify({ machines }, { version: '1.1', lineWidth: 120 }).trimEnd())
}

interface Machine {
  bmc?: { initialPassword?: unknown }
}

function withoutPassword(machine: Machine): object {
  if (!machine.bmc) return machine
  const bmc = { ...machine.bmc }
  delete bmc.initialPassword
  return { ...machine, bmc }
}
