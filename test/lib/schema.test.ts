import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { faultsOf, inputOf, mergePatchOf, oneOf, parse } from '../../src/lib/schema.ts'

const closed = { additionalProperties: false }
const Thing = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z]+$', description: 'a word of a to z' }),
    size: Type.Integer({ default: 3, minimum: 1, description: 'a size from 1' }),
    color: Type.Optional(oneOf(['red', 'green'])),
    secret: Type.Optional(Type.String({ minLength: 8, writeOnly: true, description: 'a password' })),
    parts: Type.Array(Type.Object({ id: Type.Integer() }, closed), { default: [] }),
    'a/b~c': Type.Optional(Type.Integer()),
  },
  closed,
)

test('defaults are filled in before the check', () => {
  expect(parse(Thing, { name: 'x' }, 'It')).toEqual({ name: 'x', size: 3, parts: [] })
})

test('every fault is told, with what was expected and what came', () => {
  const faults = faultsOf(Thing, {
    name: 'X1',
    size: 0,
    color: 'blue',
    parts: [{ id: 'a' }, {}],
    more: 1,
    'a/b~c': 'x',
  })
  expect(Object.fromEntries(faults.map(({ path, message }) => [path, message]))).toEqual({
    '/name': 'expected a word of a to z, got "X1"',
    '/size': 'expected a size from 1, got 0',
    '/color': 'expected one of red, green, got "blue"',
    '/parts/0/id': 'expected integer, got "a"',
    '/parts/1/id': 'is missing',
    '/more': expect.stringMatching(/^is not a known field; known: name, size, color/),
    '/a~1b~0c': 'expected integer, got "x"',
  })
})

test('what is secret is never repeated, nor anything that could hold it', () => {
  for (const secret of ['hunter2', ['hunter2'], { is: 'hunter2' }, 7]) {
    const told = JSON.stringify([
      faultsOf(Thing, { name: 'x', size: 1, parts: [], secret }),
      faultsOf(Thing, { name: { secret }, size: [secret], parts: { secret } }),
    ])
    expect(told).not.toContain('hunter2')
  }
  expect(faultsOf(Thing, { name: 'x', size: 1, parts: [], secret: 'short' })).toEqual([
    { path: '/secret', message: 'expected a password, got another' },
  ])
})

test('long values are cut in the message', () => {
  const [fault] = faultsOf(Thing, { name: 'X'.repeat(1_000), size: 1, parts: [] })
  expect(fault?.message.length).toBeLessThan(120)
})

test('an input may leave out what has a default, and nothing else', () => {
  expect((inputOf(Thing) as unknown as { required: string[] }).required).toEqual(['name'])
})

test('a patch may remove what it names, fills in nothing, and keeps to the fields', () => {
  const patch = mergePatchOf(Thing)
  expect(parse(patch, { color: null, parts: [{ id: 1 }] }, 'It')).toEqual({ color: null, parts: [{ id: 1 }] })
  expect(parse(patch, {}, 'It')).toEqual({})
  expect(faultsOf(patch, { more: 1 })).toHaveLength(1)
})
