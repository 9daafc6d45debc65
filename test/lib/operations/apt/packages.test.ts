import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ConvergeResult } from '../../../../lib/converge/options.ts'
import { apt } from '../../../../lib/operations/apt.ts'
import { requirePrograms } from '../../../../scripts/test/skip.ts'
import { plans } from '../../../support/operations.ts'
import {
  aptMachine,
  type OverlayMachine,
  startOverlayMachine,
} from '../../../support/overlay-machine.ts'

const todo = (lists: string, ...lines: string[]) =>
  `native||amd64\n${lines.join('\n')}\nlists=${lists}\nend\n`

plans(apt.packages, {
  'another architecture is another package': [
    'native||amd64\nlibc6|ii |2.36|amd64\nend\n',
    { names: ['libc6:i386'] },
    ['libc6:i386: absent -> installed'],
  ],
  'that architecture is there': [
    'native||amd64\nlibc6|ii |2.36|amd64\nlibc6|ii |2.36|i386\nend\n',
    { names: ['libc6:i386', 'libc6:amd64'] },
    [],
  ],
  'the host’s own architecture is not another one': [
    'native||amd64\nlibc6|ii |2.36|i386\nend\n',
    { names: ['libc6'] },
    ['libc6: absent -> installed'],
  ],
  'a virtual name is there with what provides it': [
    'native||amd64\npostfix|ii |3.7|amd64\nprovided|mail-transport-agent|postfix\nend\n',
    { names: ['mail-transport-agent'] },
    [],
  ],
  'a virtual name cannot be removed': [
    'native||amd64\nprovided|mail-transport-agent|postfix\nend\n',
    { names: ['mail-transport-agent'], state: 'absent' },
    /mail-transport-agent is provided by postfix: name that package/,
  ],
  'what would go along is named': [
    todo(
      'fresh',
      'libjq1|ii |1.6|amd64',
      'simulated|0',
      'apt|Remv jq [1.6]',
      'apt|Remv libjq1 [1.6]',
    ),
    { names: ['libjq1'], state: 'absent' },
    /this also removes jq: name them too, or set removals: true/,
  ],
  'what goes along is shown': [
    todo(
      'fresh',
      'libjq1|ii |1.6|amd64',
      'simulated|0',
      'apt|Remv jq [1.6]',
      'apt|Remv libjq1 [1.6]',
    ),
    { names: ['libjq1'], state: 'absent', removals: true },
    ['libjq1: 1.6 -> absent', 'jq: 1.6 -> absent'],
  ],
  'what is installed may need others to go': [
    todo('fresh', 'simulated|0', 'apt|Remv brd-a [1.0]', 'apt|Inst brd-b (1.0 x [all])'),
    { names: ['brd-b'] },
    /this also removes brd-a/,
  ],
  'a name that nobody knows': [
    todo('fresh', 'simulated|100', 'apt|E: Unable to locate package nosuch'),
    { names: ['nosuch'] },
    /apt cannot do it: Unable to locate package nosuch/,
  ],
  'old lists may not have it yet': [
    todo('old', 'simulated|100', 'apt|E: Unable to locate package nosuch'),
    { names: ['nosuch'] },
    ['nosuch: absent -> installed'],
  ],
  'a name that apt takes for a pattern': [
    todo('fresh', 'simulated|0', 'apt|Inst brd-tool (1.0 x [all])'),
    { names: ['brd.tool'] },
    /no package is called brd\.tool/,
  ],
  'another version of what is held': [
    'native||amd64\njq|hi |1.6|amd64\nend\n',
    { names: ['jq=1.7'] },
    /jq=1\.7 is held: set hold: true to change it and keep the hold/,
  ],
  'what is held is not removed': [
    'native||amd64\njq|hi |1.6|amd64\nend\n',
    { names: ['jq'], state: 'absent' },
    /jq is held: set hold: false to remove it/,
  ],
  'another package that is held is not changed': [
    todo(
      'fresh',
      'held|brd-lib',
      'simulated|0',
      'apt|Inst brd-lib [1.0] (2.0 x [all])',
      'apt|Inst jq (1.7 x [all])',
    ),
    { names: ['jq'], hold: false },
    /this also changes brd-lib, which is held/,
  ],
  'a version of a suite': [
    todo('fresh', 'jq|ii |1.6|amd64', 'simulated|0', 'apt|Inst jq [1.6] (1.7 x [amd64])'),
    { names: ['jq/backports'] },
    ['jq: 1.6 -> 1.7'],
  ],
  'the version of that suite': [
    todo('fresh', 'jq|ii |1.7|amd64', 'simulated|0'),
    { names: ['jq/backports'] },
    [],
  ],
})
test('a name that ends with a hyphen, which apt takes for "remove it"', () =>
  assert.throws(() => apt.packages({ names: ['jq-'] }), /not a package name/))

const prepare = `${aptMachine}
deb brd-lib 1.0; deb brd-tool 1.0 'Depends: brd-lib'; deb brd-tool 2.0 'Depends: brd-lib'
deb brd-a 1.0 'Provides: brd-agent'; deb brd-b 1.0 'Provides: brd-agent
Conflicts: brd-a'
publish; add_source; apt-get -qq update; touch -d '1 minute' /var/lib/brd/stamps/apt-lists
apt-get -qq -y install brd-tool=1.0 brd-a >/dev/null 2>&1`

let machine: OverlayMachine
test.before(() => {
  requirePrograms('apt-get', 'dpkg-deb')
  machine = startOverlayMachine(prepare)
})
test.after(() => machine?.end())
const installed = () =>
  machine.run("dpkg-query -W -f '${db:Status-Abbrev}${Package}=${Version} ' 'brd-*' || :")
const outcome = (result: ConvergeResult) => result.error?.message ?? result.outcomes[0]
const check = async (want: Parameters<typeof apt.packages>[0]) => {
  const result = outcome(await machine.converge([apt.packages(want)], true))
  return typeof result === 'string' || result?.is !== 'would-change' ? result : result.diff
}
const apply = async (want: Parameters<typeof apt.packages>[0]) => {
  assert.is((await machine.converge([apt.packages(want)])).error, undefined)
  assert.is((await machine.converge([apt.packages(want)])).trips, 1)
}

test('check says what nobody knows, and what cannot be had', async () => {
  assert.match(
    String(await check({ names: ['brd-nosuch'] })),
    /Unable to locate package brd-nosuch/,
  )
  assert.match(String(await check({ names: ['brd-tool=9'] })), /Version '9' for 'brd-tool' was not/)
  assert.match(String(await check({ names: ['brd-tool/sid'] })), /Release 'sid' for 'brd-tool'/)
  assert.match(String(await check({ names: ['brd.li'] })), /no package is called brd\.li|Unable to/)
})
test('what depends on a package stays with it', async () => {
  assert.match(
    String(await check({ names: ['brd-lib'], state: 'absent' })),
    /also removes brd-tool/,
  )
  const run = await machine.converge([apt.packages({ names: ['brd-lib'], state: 'absent' })])
  assert.is(run.result, 'failed')
  assert.match(installed(), /ii brd-tool=1\.0/)
})
test('what conflicts is not removed for another', async () => {
  assert.match(String(await check({ names: ['brd-b'] })), /also removes brd-a/)
  assert.equal(await check({ names: ['brd-b'], removals: true }), [
    { key: 'brd-b', before: null, after: 'installed' },
    { key: 'brd-a', before: '1.0', after: null },
  ])
  await apply({ names: ['brd-b'], removals: true })
  assert.match(installed(), /ii brd-b=1\.0/)
})
test('a virtual name settles with what provides it', async () => {
  assert.equal(await check({ names: ['brd-agent'] }), { is: 'ok' })
  assert.match(String(await check({ names: ['brd-agent'], state: 'absent' })), /provided by brd-b/)
})
test('what is held stays as it is', async () => {
  machine.run('apt-mark hold brd-tool >/dev/null')
  assert.match(String(await check({ names: ['brd-tool=2.0'] })), /brd-tool=2\.0 is held/)
  await apply({ names: ['brd-tool=2.0'], hold: true })
  assert.match(installed(), /hi brd-tool=2\.0/)
  await apply({ names: ['brd-tool'], hold: false })
})
test('with removals, what depends on it goes too, and the plan shows it', async () => {
  const want = { names: ['brd-lib'], state: 'absent', removals: true } as const
  assert.equal(await check(want), [
    { key: 'brd-lib', before: '1.0', after: null },
    { key: 'brd-tool', before: '2.0', after: null },
  ])
  await apply(want)
  assert.not.match(installed(), /ii brd-(tool|lib)/)
})
test('both named need no more', async () => {
  await apply({ names: ['brd-tool'] })
  await apply({ names: ['brd-lib', 'brd-tool'], state: 'purged' })
})

test.run()
