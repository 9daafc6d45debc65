import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { apt } from '../../../lib/operations/apt.ts'
import { nothingPending, output, plans } from '../../support/operations.ts'

const names = ['curl', 'jq']

plans(apt.packages, {
  'installs what is absent': ['curl|ii |7.88\nend\n', { names }, ['jq: absent -> installed']],
  'leaves what is installed': ['curl|ii |7.88\njq|hi |1.6\nend\n', { names }, []],
  'installs what was removed and left its configuration': ['curl|ii |7.88\njq|rc |1.6\nend\n', { names }, ['jq: absent -> installed']],
  'finishes what is half installed': [
    'curl|iU |7.88\njq|iF |1.6\nend\n',
    { names },
    ['curl: absent -> installed', 'jq: absent -> installed'],
  ],
  'installs again what is broken': ['curl|iiR|7.88\njq|ii |1.6\nend\n', { names }, ['curl: absent -> installed']],
  'asks for a version': ['jq|ii |1.6\nend\n', { names: ['jq=1.7-1~a'] }, ['jq: 1.6 -> 1.7-1~a']],
  'leaves the right version': ['jq|ii |1.7\nend\n', { names: ['jq=1.7'] }, []],
  holds: ['jq|ii |1.7\nend\n', { names: ['jq'], hold: true }, ['jq hold: no -> yes']],
  removes: ['jq|ii |1.7\nend\n', { names, state: 'absent' }, ['jq: 1.7 -> absent']],
  'leaves what is removed': ['jq|rc |1.7\nend\n', { names, state: 'absent' }, []],
  'does not take an empty answer for absent': ['', { names }, /the probe failed/],
  'does not take a missing dpkg for absent': [{ rc: 1, stderr: 'dpkg-query: exit 127' }, { names }, /exit 127/],
})

const apply = (printed: string, want: Parameters<typeof apt.packages>[0]) =>
  (apt.packages(want).decide(output(printed), nothingPending) as Change).apply.text

test('installs only what is missing, and asks nothing', () => {
  const text = apply('curl|ii |7.88\nend\n', { names })
  assert.match(text, /DEBIAN_FRONTEND=noninteractive/)
  assert.match(text, / --no-remove .*install jq \|\| exit/)
})
test('a hold alone installs nothing', () => assert.not.match(apply('jq|ii |1\nend\n', { names: ['jq'], hold: true }), 'apt-get'))
test('bad names are errors at once', () => {
  assert.throws(() => apt.packages({ names: ['a*'] }), /is not a package name/)
  assert.throws(() => apt.packages({ names: ['--purge'] }), /is not a package name/)
  assert.throws(() => apt.packages({ names: [] }), /at least one/)
})
test('a repository is a key and a source that trusts it alone', () => {
  const [key, sources] = apt.repository({
    name: 'docker',
    uris: ['https://d.example/linux/debian'],
    suites: ['bookworm'],
    components: ['stable'],
    key: { content: 'KEY' },
  })
  assert.equal([key?.name, sources?.name], ['/etc/apt/keyrings/docker.asc', '/etc/apt/sources.list.d/docker.sources'])
  const plan = sources?.decide(output('absent\n'), nothingPending) as Change
  assert.is(
    plan.diff[0]?.after,
    'Types: deb\nURIs: https://d.example/linux/debian\nSuites: bookworm\nComponents: stable\nSigned-By: /etc/apt/keyrings/docker.asc\n',
  )
})

test.run()
