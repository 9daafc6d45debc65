import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import { ScriptError } from '../../../lib/errors/script-error.ts'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { HostLimit } from '../../../lib/run/host-limit.ts'
import { inventory, sample } from '../inventory/sample.ts'

const all = inventory(sample)
const pick = (...names: readonly string[]): Host[] =>
  names.map(name => all.hosts.get(name) ?? assert.unreachable(name)) as Host[]
const names = (hosts: readonly Host[]): string => hosts.map(({ name }) => name).join(' ')
const catchMessage = (work: () => unknown): string => {
  try {
    work()
    return ''
  } catch (error) {
    assert.instance(error, ScriptError)
    return (error as ScriptError).message
  }
}

test('a play and a pattern get the hosts that --limit allows, in their order', () => {
  const limit = new HostLimit(all, 'web')
  assert.is(names(limit.filterPlayed(pick('web2', 'db1', 'web1'))), 'web2 web1')
  assert.is(names(limit.filterMatching(pick('db1', 'web3'))), 'web3')
})

test('without --limit every host is allowed, and nothing is said', () => {
  const limit = new HostLimit(all, undefined)
  assert.is(names(limit.filterPlayed(pick('web1', 'db1'))), 'web1 db1')
  assert.is(names(limit.filterMatching(pick('db1'))), 'db1')
  limit.require({ name: 'db1' })
  limit.requireAll(pick('web1', 'db1'), 'one thing')
  assert.equal([limit.describeLeftOut(), limit.findUnmet()], [null, null])
})

test('a limit that matches no host of the inventory is an error', () =>
  assert.throws(
    () => new HostLimit(all, 'wbe1'),
    (error: Error) => error instanceof InputError && /wbe1/.test(error.message),
  ))

test('the recap names the hosts that plays did not get, each of them once', () => {
  const limit = new HostLimit(all, 'web')
  assert.is(limit.describeLeftOut(), null)
  limit.filterPlayed(pick('db1', 'web1'))
  limit.filterPlayed(pick('db.two', 'db1'))
  assert.is(limit.describeLeftOut(), '--limit web leaves out: db1, db.two')
})

test('a host that only a pattern matched is not called left out', () => {
  const limit = new HostLimit(all, 'web')
  limit.filterMatching(pick('db1'))
  assert.is(limit.describeLeftOut(), null)
})

test('what may not be done in part names the hosts that are left out', () => {
  const limit = new HostLimit(all, 'web')
  const refuse = (hosts: Host[]) =>
    catchMessage(() => limit.requireAll(hosts, 'they are one thing'))
  assert.is(refuse(pick('web1', 'web2')), '')
  assert.is(
    refuse(pick('web1', 'db1', 'db1')),
    '--limit web: leaves out db1: they are one thing\n  Leave --limit away, or add it.',
  )
  assert.is(
    refuse(pick('db1', 'db.two')),
    '--limit web: leaves out db1, db.two: they are one thing\n  Leave --limit away, or add them.',
  )
})

test('a script may not work on a host that is left out', () =>
  assert.is(
    catchMessage(() => new HostLimit(all, 'web').require({ name: 'db1' })),
    '--limit web: leaves out db1: the script works on it\n  Leave --limit away, or add it.',
  ))

const unmet = '--limit db: leaves no host to this playbook\n  It is for '
type Uses = (limit: HostLimit) => void
const runs: Record<string, [uses: Uses, message: string | null]> = {
  'that used no host at all': [() => {}, null],
  'whose plays got none': [
    limit => {
      limit.filterPlayed(pick('web1'))
      limit.filterPlayed(pick('web2', 'web1'))
    },
    `${unmet}web1, web2.`,
  ],
  'whose patterns got none': [limit => limit.filterMatching(pick('web1')), `${unmet}web1.`],
  'whose pattern and play got none': [
    limit => {
      limit.filterMatching(pick('web1'))
      limit.filterPlayed(pick('web1', 'web2'))
    },
    `${unmet}web1, web2.`,
  ],
  'that matched a host and played others': [
    limit => {
      limit.filterMatching(pick('db1'))
      limit.filterPlayed(pick('web1'))
    },
    `${unmet}web1.`,
  ],
  'that played what a pattern left to it, which is none': [
    limit => limit.filterPlayed(limit.filterMatching(pick('web1'))),
    `${unmet}web1.`,
  ],
  'that played a host': [limit => limit.filterPlayed(pick('web1', 'db1')), null],
  'one play of which got a host': [
    limit => {
      limit.filterPlayed(pick('db1'))
      limit.filterPlayed(pick('web1'))
    },
    null,
  ],
  'that matched a host and played none': [
    limit => {
      limit.filterMatching(pick('web1', 'db1'))
      limit.filterMatching(pick('web2'))
    },
    null,
  ],
  'that worked on a host by itself': [
    limit => {
      limit.filterPlayed(pick('web1'))
      limit.require({ name: 'db1' })
    },
    null,
  ],
}
for (const [title, [uses, message]] of Object.entries(runs))
  test(`--limit db and a run ${title}: ${message === null ? 'fine' : 'an error'}`, () => {
    const limit = new HostLimit(all, 'db')
    uses(limit)
    assert.is(limit.findUnmet()?.message ?? null, message)
  })

test.run()
