import { generate, PostgresDialect, RawExpressionNode } from 'kysely-codegen'
import { type Kysely, sql } from 'kysely'
import type { Db } from '../src/db/schema.ts'

/**
 * The text of src/db/schema.ts for a migrated database. What a check constraint lists as a column's words becomes a
 * union of literals, so the types say what the database says. (Raw nodes: its parser of type texts needs an older
 * TypeScript.) int8 and numeric are numbers: connect.ts parses them so.
 */
export async function schemaTypes(db: Kysely<Db>): Promise<string> {
  const text = await generate({
    db: db.withoutPlugins(),
    dialect: new PostgresDialect({ numericParser: 'number' }),
    camelCase: true,
    outFile: null,
    overrides: { columns: await wordColumns(db) },
    typeMapping: { int8: 'number', numeric: 'number' },
  })
  return text.replaceAll('export interface DB ', 'export interface Db ')
}

/** Columns that a check of the form `column = ANY (ARRAY[…])` restricts to words, as TypeScript unions. */
async function wordColumns(db: Kysely<Db>): Promise<Record<string, RawExpressionNode>> {
  const { rows } = await sql<{ column: string; definition: string; optional: boolean; filled: boolean }>`
    select conrelid::regclass || '.' || a.attname as column, pg_get_constraintdef(c.oid) as definition,
           not a.attnotnull as optional, a.atthasdef as filled
    from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.contype = 'c' and c.conrelid <> 0 and cardinality(c.conkey) = 1
      and pg_get_constraintdef(c.oid) like '% = ANY (ARRAY[%'
    order by 1`.execute(db)
  return Object.fromEntries(
    rows.map(({ column, definition, optional, filled }) => {
      const words = [...definition.matchAll(/'([^']+)'::text/g)].map(([, word]) => `'${word}'`)
      const union = [...words, ...(optional ? ['null'] : [])].join(' | ')
      return [column, new RawExpressionNode(filled ? `Generated<${union}>` : union)]
    }),
  )
}
