import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decide, makeSlots } from '../../../lib/converge/plan.ts'
import { InputError } from '../../../lib/errors/input-error.ts'
import type { Operation } from '../../../lib/operation.ts'
import { docker } from '../../../lib/operations/docker.ts'
import { file } from '../../../lib/operations/file.ts'
import { service } from '../../../lib/operations/service.ts'
import { sudoers } from '../../../lib/operations/sudoers.ts'
import { waitFor } from '../../../lib/operations/waitFor.ts'
import { checkFollowed } from '../../../lib/run/followed.ts'
import { listEntries } from '../../../lib/run/play-entries.ts'

const message = (ops: readonly Operation[], before: ReadonlySet<string> = new Set()): string => {
  try {
    checkFollowed(
      listEntries('web1', ops, 'mine', () => true),
      before,
    )
    return ''
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.message
  }
}

const config = file({ path: '/etc/x', content: '' })
const runs = service({ name: 'x', restartOn: [config] })

test('what an option names is listed before', () => {
  assert.is(message([config, runs]), '')
  assert.is(
    message([runs]),
    'service x: restartOn names file /etc/x, which is not listed\n' +
      '  list that operation before this one',
  )
  assert.match(message([runs, config]), /restartOn names file \/etc\/x, which is listed after it/)
})

test('a list without such options is fine', () =>
  assert.not.throws(() => checkFollowed([], new Set())))

test('an earlier play on the host counts', () =>
  assert.is(message([runs], new Set([config.key])), ''))

test('it holds for every option that takes operations', () => {
  const image = docker.image({ name: 'a:1', context: '/srv/a', filledBy: [config] })
  const container = docker.container({ name: 'a', image: 'a:1', recreateOn: [image] })
  assert.match(message([image]), /docker\.image a:1: filledBy names file \/etc\/x/)
  assert.match(message([container]), /recreateOn names docker\.image a:1/)
  assert.match(message([waitFor({ port: 80, after: config })]), /after names file \/etc\/x/)
  assert.is(message([config, image, container]), '')
})

test('an equal operation that was made twice is the same one: its change is seen', () => {
  const again = service({ name: 'x', restartOn: [file({ path: '/etc/x', content: '' })] })
  assert.is(message([config, again]), '')
  const slots = makeSlots([config, again])
  let asked: boolean | undefined
  const spy = {
    ...again,
    decide: (_: unknown, context: { pending: (one: Operation) => boolean }) => {
      asked = context.pending(again.follows?.[0]?.operation as Operation)
      return null
    },
  } as Operation
  slots[1] = { ...(slots[1] as (typeof slots)[number]), op: spy }
  for (const slot of slots)
    slot.output = { exitCode: 0, stdout: Buffer.from('absent\n'), stderr: '' }
  decide(slots)
  assert.is(asked, true)
})

test('a derived operation is known by what it owns', () => {
  const rules = sudoers({ name: 'x', rules: [] })
  assert.is(message([rules, service({ name: 'y', restartOn: [rules] })]), '')
})

test.run()
