import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import { os } from '../../../lib/facts.ts'
import { checkCall } from '../../../lib/run/calls.ts'

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
      message(() => checkCall('run.play', options, 'the play web')),
      '',
    )
  assert.match(
    message(() => checkCall('run.play', { seral: 1 }, 'the play web')),
    /^the play web: there is no option seral; did you mean "serial"\?/,
  )
  assert.match(
    message(() => checkCall('run.play', { serial: '30' }, 'the play web')),
    /serial: "30" is not possible\n {2}it is a whole number, 1 or more/,
  )
  assert.match(
    message(() => checkCall('run.play', { maxFail: -1 }, 'the play web')),
    /maxFail: -1 is not possible/,
  )
})

test('options of a playbook are checked, those of its flags too', () => {
  const help = 'what it does'
  assert.is(
    message(() => checkCall('playbook()', { about: 'x', flags: { x: { type: 'boolean', help } } })),
    '',
  )
  assert.match(
    message(() => checkCall('playbook()', { falgs: {} })),
    /^playbook\(\): there is no option falgs; did you mean "flags"\?/,
  )
  assert.match(
    message(() => checkCall('playbook()', { flags: { x: { type: 'number', help } } })),
    /flags\.x\.type: "number" is not possible\n {2}it is one of string, boolean/,
  )
  assert.match(
    message(() => checkCall('playbook()', { flags: { x: { type: 'string' } } })),
    /flags\.x\.help is expected/,
  )
})

const help = 'what it does'
const flag = (more: object) => ({ flags: { x: { type: 'string', help, ...more } } })

const possible: Record<string, object> = {
  'texts of its own': { about: 'x', words: 'HOST …', from: '/srv/playbook.ts' },
  'a short flag': flag({ short: 'x' }),
  'a flag that may be given again': flag({ multiple: true }),
  'a flag that must be given': flag({ required: true }),
  'a flag with a default': flag({ default: '5' }),
  'a flag that may be empty': flag({ canBeEmpty: true }),
  'a flag with a word for its value': flag({ value: 'SECONDS' }),
}
for (const [title, options] of Object.entries(possible))
  test(`a playbook may have ${title}`, () =>
    assert.not.throws(() => checkCall('playbook()', options)))

const impossible: Record<string, [options: object, at: string]> = {
  'an about that is no text': [{ about: 5 }, 'about: 5'],
  'words that are a list': [{ words: ['HOST'] }, 'words: '],
  'a source that is no text': [{ from: 5 }, 'from: 5'],
  'a short flag that is no text': [flag({ short: 5 }), 'flags.x.short: 5'],
  'a flag that may not be given again': [flag({ multiple: false }), 'flags.x.multiple: false'],
  'a flag that must not be given': [flag({ required: false }), 'flags.x.required: false'],
  'a default that is no text': [flag({ default: 5 }), 'flags.x.default: 5'],
  'a flag that may not be empty': [flag({ canBeEmpty: false }), 'flags.x.canBeEmpty: false'],
  'a word for its value that is none': [flag({ value: true }), 'flags.x.value: true'],
  'a help that is no text': [flag({ help: 5 }), 'flags.x.help: 5'],
}
for (const [title, [options, at]] of Object.entries(impossible))
  test(`a playbook may not have ${title}`, () => {
    const said = message(() => checkCall('playbook()', options))
    assert.ok(said.startsWith(`playbook(): ${at}`), said)
  })

const plays: [options: object, problem: string][] = [
  [{ maxFail: 0 }, ''],
  [{ maxFail: '2.5%' }, ''],
  [{ facts: { os } }, ''],
  [{ facts: { os: 1 } }, 'facts.os: 1 is not possible'],
  [{ facts: {}, factsCache: 0 }, ''],
  [{ facts: {}, factsCache: 0.5 }, ''],
  [{ facts: {}, factsCache: -1 }, 'factsCache: -1 is not possible'],
  [{ facts: {}, factsCache: 'long' }, 'factsCache: "long" is not possible'],
  [{ facts: 'os' }, 'facts: "os" is not possible'],
  [{ maxFail: 0.5 }, 'maxFail: 0.5 is not possible'],
  [{ serial: 0 }, 'serial: 0 is not possible'],
  [{ serial: [] }, 'serial: '],
]
for (const [options, problem] of plays)
  test(`a play with ${JSON.stringify(options)} is ${problem ? 'refused' : 'fine'}`, () => {
    if (problem === '')
      return assert.not.throws(() => checkCall('run.play', options, 'the play web'))
    const said = message(() => checkCall('run.play', options, 'the play web'))
    assert.ok(said.startsWith(`the play web: ${problem}`), said)
  })

test('a share that is none says how one looks', () =>
  assert.match(
    message(() => checkCall('run.play', { maxFail: '30' }, 'the play web')),
    /text like 1%/,
  ))

test.run()
