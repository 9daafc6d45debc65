import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { apt } from '../../../lib/operations/apt.ts'
import { sha256 } from '../../../lib/operations/file/content.ts'
import { Secret } from '../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const names = ['curl', 'jq']

plans(apt.packages, {
  'installs what is absent': ['curl|ii |7.88\nend\n', { names }, ['jq: absent -> installed']],
  'leaves what is installed': ['curl|ii |7.88\njq|hi |1.6\nend\n', { names }, []],
  'installs what was removed and left its configuration': [
    'curl|ii |7.88\njq|rc |1.6\nend\n',
    { names },
    ['jq: absent -> installed'],
  ],
  'finishes what is half installed': [
    'curl|iU |7.88\njq|iF |1.6\nend\n',
    { names },
    ['curl: absent -> installed', 'jq: absent -> installed'],
  ],
  'installs again what is broken': [
    'curl|iiR|7.88\njq|ii |1.6\nend\n',
    { names },
    ['curl: absent -> installed'],
  ],
  'asks for a version': ['jq|ii |1.6\nend\n', { names: ['jq=1.7-1~a'] }, ['jq: 1.6 -> 1.7-1~a']],
  'leaves the right version': ['jq|ii |1.7\nend\n', { names: ['jq=1.7'] }, []],
  holds: ['jq|ii |1.7\nend\n', { names: ['jq'], hold: true }, ['jq hold: no -> yes']],
  removes: ['jq|ii |1.7\nend\n', { names, state: 'absent' }, ['jq: 1.7 -> absent']],
  'keeps what this run logs in and becomes root with': [
    'openssh-server|ii |1\nsudo|ii |1\nneeds|sudo\nneeds|openssh-server\nsimulated|0\n' +
      'apt|Remv sudo [1]\napt|Remv openssh-server [1]\nend\n',
    { names: ['sudo', 'openssh-server'], state: 'absent' },
    /refused: this removes sudo, openssh-server, and this run could not log in again/,
  ],
  'removes them if the run needs neither': [
    'sudo|ii |1\nsimulated|0\napt|Remv sudo [1]\nend\n',
    { names: ['sudo'], state: 'absent' },
    ['sudo: 1 -> absent'],
  ],
  'leaves what is removed': ['jq|rc |1.7\nend\n', { names, state: 'absent' }, []],
  purges: [
    'jq|rc |1.7\ncurl|ii |7.88\nend\n',
    { names, state: 'purged' },
    ['curl: 7.88 -> absent', 'jq: its configuration files -> absent'],
  ],
  'leaves what is purged': ['jq|un |\nend\n', { names, state: 'purged' }, []],
  'brings to the newest': [
    'curl|ii |7.88\njq|ii |1.6\nlists=fresh\ncandidate|curl|7.88\ncandidate|jq|1.7\nend\n',
    { names, state: 'latest' },
    ['jq: 1.6 -> 1.7'],
  ],
  'leaves the newest': [
    'jq|ii |1.7\nlists=fresh\ncandidate|jq|1.7\nend\n',
    { names: ['jq'], state: 'latest' },
    [],
  ],
  'asks again where the lists are old': [
    'jq|ii |1.7\nlists=old\ncandidate|jq|1.7\nend\n',
    { names: ['jq'], state: 'latest', cacheHours: 2 },
    ['lists: older than 2 h, or than the sources -> up to date'],
  ],
  'installs the newest': [
    'lists=fresh\ncandidate|jq|1.7\nend\n',
    { names: ['jq'], state: 'latest' },
    ['jq: absent -> 1.7'],
  ],
  'installs what the lists do not have yet': [
    'lists=old\ncandidate|jq|(none)\nend\n',
    { names: ['jq'], state: 'latest' },
    ['lists: older than 24 h, or than the sources -> up to date', 'jq: absent -> installed'],
  ],
  'does not upgrade against a hold': [
    'jq|hi |1.6\nlists=fresh\ncandidate|jq|1.7\nend\n',
    { names: ['jq'], state: 'latest' },
    /jq is held: set hold: true/,
  ],
  'upgrades what stays held': [
    'jq|hi |1.6\nlists=fresh\ncandidate|jq|1.7\nend\n',
    { names: ['jq'], state: 'latest', hold: true },
    ['jq: 1.6 -> 1.7'],
  ],
  'does not take half an answer for the newest': [
    'jq|ii |1.7\nend\n',
    { names: ['jq'], state: 'latest' },
    /the probe failed/,
  ],
  'does not take an empty answer for absent': ['', { names }, /the probe failed/],
  'does not take a missing dpkg for absent': [
    { exitCode: 1, stderr: 'dpkg-query: exit 127' },
    { names },
    /exit 127/,
  ],
})

const apply = (printed: string, want: Parameters<typeof apt.packages>[0]) =>
  (apt.packages(want).decide(makeOutput(printed), nothingPending) as Change).apply.text

test('installs only what is missing, and asks nothing', () => {
  const text = apply('curl|ii |7.88\nend\n', { names })
  assert.match(text, /DEBIAN_FRONTEND=noninteractive/)
  assert.match(text, / --no-remove [\s\S]*install jq \|\| exit/)
})
test('a hold alone installs nothing', () =>
  assert.not.match(apply('jq|ii |1\nend\n', { names: ['jq'], hold: true }), 'apt-get'))
test('bad names are errors at once', () => {
  assert.throws(() => apt.packages({ names: ['a*'] }), /is not a package name/)
  assert.throws(() => apt.packages({ names: ['--purge'] }), /is not a package name/)
  assert.throws(() => apt.packages({ names: [] }), /names is empty/)
  assert.throws(
    () => apt.packages({ names: ['jq=1'], state: 'latest' }),
    /a name with a version cannot have state/,
  )
  assert.throws(
    () => apt.packages({ names, cacheHours: 0.5 }),
    /cacheHours: 0.5 is not possible\n {2}it is a whole number/,
  )
  assert.throws(() => apt.pin({ name: 'a.b', state: 'absent' }), /apt would ignore a file/)
  assert.throws(
    () => apt.pin({ name: 'a', packages: ['A b'], pin: 'version 1', priority: 1 }),
    /not a package name/,
  )
  assert.throws(
    () => apt.pin({ name: 'a', packages: ['*'], pin: 'version 1', priority: 0 }),
    /other than 0/,
  )
  assert.throws(
    () =>
      apt.debconf({
        name: 'tzdata',
        answers: [{ question: 'Areas', vtype: 'select', value: 'x' }],
      }),
    /not a question's name/,
  )
  assert.throws(
    () =>
      apt.debconf({
        name: 'tzdata',
        answers: [{ question: 'a/b', vtype: 'select', value: 'x\ny' }],
      }),
    /must be one line/,
  )
})
test('a repository is a key and a source that trusts it alone', () => {
  const [key, sources] = apt.repository({
    name: 'docker',
    uris: ['https://d.example/linux/debian'],
    suites: ['bookworm'],
    components: ['stable'],
    key: { content: 'KEY' },
  })
  assert.equal(
    [key?.name, sources?.name],
    ['/etc/apt/keyrings/docker.asc', '/etc/apt/sources.list.d/docker.sources'],
  )
  const plan = sources?.decide(makeOutput('absent\n'), nothingPending) as Change
  assert.is(
    plan.diff[0]?.after,
    'Types: deb\nURIs: https://d.example/linux/debian\nSuites: bookworm\nComponents: stable\nSigned-By: /etc/apt/keyrings/docker.asc\n',
  )
})

test('a repository less is its source, then its key', () =>
  assert.equal(
    apt.repository({ name: 'docker', state: 'absent' }).map(({ id }) => id),
    ['file /etc/apt/sources.list.d/docker.sources', 'file /etc/apt/keyrings/docker.asc'],
  ))

plans(apt.update, {
  'brings lists up to date that are old': [
    'old\n',
    { cacheHours: 3 },
    ['lists: older than 3 h, or than the sources -> up to date'],
  ],
  'leaves lists that are not': ['fresh\n', {}, []],
  'does not take an empty answer for old': ['', {}, /the probe failed/],
})

plans(apt.upgrade, {
  'upgrades all': [
    'fresh\nInst libnew (1.0 Debian:12/stable [amd64])\nInst jq [1.6] (1.7 Debian:12/stable [amd64])\nend\n',
    {},
    ['libnew: absent -> 1.0', 'jq: 1.6 -> 1.7'],
  ],
  'tells what has to go': [
    'fresh\nRemv libold [1.0]\nend\n',
    { removals: true },
    ['libold: 1.0 -> absent'],
  ],
  'leaves what is the newest': ['fresh\nend\n', {}, []],
  'asks again where the lists are old': [
    'old\nend\n',
    {},
    ['lists: older than 24 h, or than the sources -> up to date'],
  ],
  'puts right an interrupted dpkg': [
    'fresh\ninterrupted\n',
    {},
    ['dpkg: interrupted -> put right'],
  ],
  'a look that failed is unknown': [
    { exitCode: 1, stderr: 'E: Unmet dependencies' },
    {},
    /Unmet dependencies/,
  ],
  'half an answer is unknown': ['fresh\n', {}, /the probe failed/],
})
test('without removals nothing is removed', () => {
  const text = (want: Parameters<typeof apt.upgrade>[0]) => apt.upgrade(want).probe.text
  assert.match(text({}), '--simulate upgrade --with-new-pkgs')
  assert.match(text({ removals: true }), '--simulate dist-upgrade')
})

plans(apt.autoremove, {
  'removes what nothing needs': ['libold|1.0\nend\n', {}, ['libold: 1.0 -> absent']],
  'leaves what is needed': ['end\n', {}, []],
  'does not take an empty answer for nothing': ['', {}, /the probe failed/],
})

plans(apt.pin, {
  'pins a version': [
    'absent\n',
    {
      name: 'docker',
      packages: ['docker-ce', 'docker-ce-cli'],
      pin: 'version 5:29.*',
      priority: 1001,
    },
    [
      'content: absent -> Package: docker-ce docker-ce-cli\nPin: version 5:29.*\nPin-Priority: 1001\n',
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'ends it': [
    'regular file|644|0|0|root|root|3\n',
    { name: 'docker', state: 'absent' },
    ['type: file -> absent'],
  ],
})

const area = { question: 'tzdata/Areas', vtype: 'select', value: 'Europe' } as const
const password = {
  question: 'app/password',
  vtype: 'password',
  value: new Secret('hunter2', 'app/password'),
} as const
plans(apt.debconf, {
  'answers what is open': [
    'absent\nend\n',
    { name: 'tzdata', answers: [area] },
    ['tzdata/Areas: absent -> Europe'],
  ],
  'answers otherwise': [
    `${sha256('Asia')}\nAsia\nend\n`,
    { name: 'tzdata', answers: [area] },
    ['tzdata/Areas: Asia -> Europe'],
  ],
  'leaves what is answered': [
    `${sha256('Europe')}\nEurope\nend\n`,
    { name: 'tzdata', answers: [area] },
    [],
  ],
  'does not show a secret, nor what was there': [
    `${sha256('old')} secret\n${sha256('Europe')}\nEurope\nend\n`,
    { name: 'app', answers: [password, area] },
    ['app/password: (other value) -> (secret app/password)'],
  ],
  'leaves a secret that is right': [
    `${sha256('hunter2')} secret\nend\n`,
    { name: 'app', answers: [password] },
    [],
  ],
  'a failed probe is unknown': [
    { exitCode: 1, stderr: 'debconf has no data here' },
    { name: 'app', answers: [area] },
    /no data here/,
  ],
})
test('a secret answer is stdin alone', () => {
  const op = apt.debconf({ name: 'app', answers: [password] })
  const plan = op.decide(makeOutput('absent\nend\n'), nothingPending) as Change
  const seen = op.probe.text + plan.apply.text + JSON.stringify(plan)
  assert.not.match(seen, 'hunter2')
  assert.not.match(seen, sha256('hunter2'))
  assert.is(
    [plan.stdin]
      .flat(2)
      .map(part => (part instanceof Secret ? part.reveal() : String(part)))
      .join(''),
    'app app/password password hunter2\n',
  )
})

test.run()
