import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { generatedFiles } from '../../scripts/generated.ts'
import { useDatabase } from '../support/database.ts'

const database = useDatabase()

test('every generated file says what its source says', async () => {
  for (const [file, text] of await generatedFiles(database.db)) {
    const present = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8')
    expect(present, `${file}: run npm run generate`).toBe(text)
  }
})
