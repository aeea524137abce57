import { Option } from 'commander'
import type { Define } from '../define.ts'
import { examples } from '../examples.ts'
import { defineKind } from '../resources/define.ts'
import { PROTOCOLS } from './wishes.ts'
import { importSheet, type ImportOptions } from './import.ts'

export const defineRack: Define = (command, session) => {
  defineKind('rack')(command, session)
  command
    .command('import <file>')
    .description(
      'take machines from a sheet (CSV) as it comes with racks; machines that exist are changed only in what the sheet says',
    )
    .option('-n, --dry-run', 'show what would change, and write nothing')
    .option('--print', 'print the machines as an inventory file, without passwords, and write nothing')
    .option('--map <pairs>', 'what columns mean that are not recognized: COLUMN=FIELD, separated by commas')
    .option('--datacenter <name>', 'for rows that do not say, and whose rack is not declared')
    .addOption(
      new Option('--bmc-protocol <protocol>', 'for rows that do not say').choices(PROTOCOLS).default('redfish'),
    )
    .addHelpText(
      'after',
      examples(
        'rackwright rack import examples/rack-sheet.csv --dry-run',
        'rackwright rack import examples/rack-sheet.csv',
        "rackwright rack import sheet.csv --map 'Inv.-Nr.=name,Einschub=position' --print",
      ),
    )
    .action((file: string, options: ImportOptions) => importSheet(session, file, options))
}
