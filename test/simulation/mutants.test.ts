import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mutate, readSource } from './mutants.ts'
import { PAST_FAULTS } from './past-faults.ts'

for (const mutant of PAST_FAULTS)
  test(`can be put back: ${mutant.name}`, () => {
    const source = readSource(mutant)
    assert.is.not(mutate(mutant, source), source)
  })

test('a mutant whose text is gone is an error that says what to do', () => {
  const [mutant] = PAST_FAULTS
  assert.throws(
    () => mutate({ ...mutant!, text: 'no such text' }, 'a source'),
    /no such text|bring test\/simulation\/past-faults\.ts up to date/,
  )
})

test.run()
