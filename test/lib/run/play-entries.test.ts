import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import { listEntries, toListed } from '../../../lib/run/play-entries.ts'
import { makeStep } from '../../support/slots.ts'

const [a, b, c] = [makeStep('a'), makeStep('b', null, { tags: ['slow'] }), makeStep('c')]

test('the entries of a host are numbered over its roles, from the number that is next', () => {
  const entries = listEntries('h', { base: [a, b], web: [c] }, 'mine', () => true, 5)
  assert.equal(entries, [
    { role: 'base', op: a, number: 5, selected: true },
    { role: 'base', op: b, number: 6, selected: true },
    { role: 'web', op: c, number: 7, selected: true },
  ])
  assert.is(listEntries('h', [a], 'mine', () => true)[0]?.number, 0)
})

test('each operation is selected by its role and itself', () => {
  const selects = (role: string, { name }: { readonly name: string }) => role + name === 'webc'
  assert.equal(
    listEntries('h', { base: [a], web: [b, c] }, 'mine', selects).map(({ selected }) => selected),
    [false, false, true],
  )
})

test('what two roles both list is an error that names both', () =>
  assert.throws(
    () => listEntries('web1', { base: [a, b], web: [c, b] }, 'mine', () => true),
    (error: Error) =>
      error instanceof InputError &&
      error.message ===
        'web1: "step b" is listed twice: by base and by web\n  remove one of the two',
  ))

test('a report shows of an operation its kind, name, role and tags', () => {
  const [entry] = listEntries('h', [b], 'mine', () => true)
  assert.ok(entry)
  assert.equal(toListed(entry), { kind: 'step', name: 'b', role: 'mine', tags: ['slow'] })
})

test.run()
