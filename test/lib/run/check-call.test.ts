import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import { checkPlaybookOptions, checkPlayOptions } from '../../../lib/run/check-call.ts'

const message = (work: () => void): string => {
  try {
    work()
    return ''
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.message
  }
}

test('options of a play are checked', () => {
  for (const options of [
    {},
    { serial: 2 },
    { serial: [1, '30%'] },
    { maxFail: '20%' },
    { facts: {} },
  ])
    assert.is(
      message(() => checkPlayOptions('web', options)),
      '',
    )
  assert.match(
    message(() => checkPlayOptions('web', { seral: 1 })),
    /^the play web: there is no option seral; did you mean "serial"\?/,
  )
  assert.match(
    message(() => checkPlayOptions('web', { serial: '30' })),
    /serial: "30" is not possible\n {2}it is a whole number, 1 or more/,
  )
  assert.match(
    message(() => checkPlayOptions('web', { maxFail: -1 })),
    /maxFail: -1 is not possible/,
  )
})

test('options of a playbook are checked, those of its flags too', () => {
  const help = 'what it does'
  assert.is(
    message(() => checkPlaybookOptions({ about: 'x', flags: { x: { type: 'boolean', help } } })),
    '',
  )
  assert.match(
    message(() => checkPlaybookOptions({ falgs: {} })),
    /^playbook\(\): there is no option falgs; did you mean "flags"\?/,
  )
  assert.match(
    message(() => checkPlaybookOptions({ flags: { x: { type: 'number', help } } })),
    /flags\.x\.type: "number" is not possible\n {2}it is one of string, boolean/,
  )
  assert.match(
    message(() => checkPlaybookOptions({ flags: { x: { type: 'string' } } })),
    /flags\.x\.help is expected/,
  )
})

test.run()
