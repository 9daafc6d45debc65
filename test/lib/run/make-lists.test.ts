import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import { OptionError } from '../../../lib/errors/option-error.ts'
import { makeForHosts } from '../../../lib/run/make-lists.ts'

const hosts = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `web${i + 1}` }))
const message = (work: () => unknown): string => {
  try {
    work()
    return ''
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.message
  }
}
const bad = new OptionError({ place: 'file /x', message: 'mode: 5 is not possible' })

test('what is made of each host, in order', () =>
  assert.equal(
    makeForHosts(hosts(2), ({ name }) => name),
    ['web1', 'web2'],
  ))

test('a problem of several hosts is named once, with some of them', () => {
  const fail = () => {
    throw bad
  }
  assert.is(
    message(() => makeForHosts(hosts(1), fail)),
    'web1: file /x: mode: 5 is not possible',
  )
  assert.is(
    message(() => makeForHosts(hosts(1000), fail)),
    'web1, web2, web3 and 997 more hosts: file /x: mode: 5 is not possible',
  )
  assert.is(
    message(() => makeForHosts(hosts(3), fail)),
    'web1, web2, web3: file /x: mode: 5 is not possible',
  )
})

test('the problems of all hosts come at once, and a place that is there stays', () => {
  const said = message(() =>
    makeForHosts(hosts(3), ({ name }) => {
      if (name === 'web2') return name
      throw name === 'web1' ? bad : new InputError({ place: 'hosts.yaml:3:3', message: 'is unset' })
    }),
  )
  assert.is(said, 'web1: file /x: mode: 5 is not possible\nhosts.yaml:3:3: is unset')
})

test('a problem without a place is that of its hosts', () => {
  const fail = () => {
    throw new OptionError({ message: 'is unset' })
  }
  assert.is(
    message(() => makeForHosts(hosts(1), fail)),
    'web1: is unset',
  )
})

test('bad input that was found before a bug comes first', () =>
  assert.is(
    message(() =>
      makeForHosts(hosts(2), ({ name }) => {
        throw name === 'web1' ? bad : new TypeError('a bug')
      }),
    ),
    'web1: file /x: mode: 5 is not possible',
  ))

test('a bug is no bad input', () =>
  assert.throws(
    () =>
      makeForHosts(hosts(2), () => {
        throw new TypeError('a bug')
      }),
    (error: unknown) => error instanceof TypeError,
  ))

test.run()
