import type { Kysely } from 'kysely'
import type { Db } from '../src/db/schema.ts'
import { diagram } from '../src/inventory/lifecycle.ts'
import { schemaTypes } from './schema-types.ts'

/** Every file that is derived from something else: its path, and its text. A test holds them against the tree. */
export async function generatedFiles(db: Kysely<Db>): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['src/db/schema.ts', await schemaTypes(db)],
    ['docs/lifecycle.md', lifecyclePage()],
  ])
}

function lifecyclePage(): string {
  return `# Lifecycle of a machine

Drawn from the table in \`src/inventory/lifecycle.ts\`; the database refuses every other step. What is wrong with a machine
(\`condition\`), whether it runs (\`power\`) and what works on it (\`activeJob\`) are three other things: a machine in use
that is broken is still in use.

\`\`\`mermaid
${diagram()}
\`\`\`

People take the steps \`enroll\`, \`adopt\` (it is in use already, and comes under our care), \`release\` and \`retire\`:

    rackwright machine retire lon1-a01-07

All other steps are taken by jobs, which do what the word says. A job that fails leaves the machine where it is, on hold.
`
}
