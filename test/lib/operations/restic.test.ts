import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { restic } from '../../../lib/operations/restic.ts'
import { Secret } from '../../../lib/secret.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'
import { dockerProgram, sandboxOperation, writePrograms } from '../../support/sandbox.ts'

const [old, young] = [
  new Secret('old password', 'stage/restic'),
  new Secret('new password', 'stage/restic.next'),
]
const repository = { service: 'stage_restic', version: '2222' }
const want = { ...repository, password: young }
const key = (id: string, userName: string, current = false) => ({
  current,
  id,
  userName,
  hostName: 'h',
  created: '2026-11-26 02:00:00',
})
const keys = (...all: object[]): string => `${JSON.stringify(all)}\n`

plans(restic.key, {
  'a repository that the password does not open yet': [
    keys(key('aa', 'root', true)),
    want,
    ['key: absent -> (secret stage/restic.next)'],
  ],
  'one that it opens': [keys(key('aa', 'root', true), key('bb', 'brd-2222')), want, []],
  'no repository yet': ['no repository\n', want, []],
  'what is said before the list does not matter': [
    `repository 1234 opened\n${keys(key('bb', 'brd-2222', true))}`,
    want,
    [],
  ],
  'a failed probe is not an absent repository': [
    { exitCode: 1, stderr: 'connection refused' },
    want,
    /connection refused/,
  ],
  'an answer without a list': ['something else\n', want, /the keys cannot be read/],
})

plans(restic.only, {
  'the others are removed, but those that are to be kept': [
    keys(key('aa', 'root'), key('bb', 'brd-2222', true), key('cc', 'keep-safe')),
    repository,
    ['key aa: of root@h -> absent'],
  ],
  'no others': [keys(key('bb', 'brd-2222', true)), repository, []],
  'no repository yet': ['no repository\n', repository, []],
  'the service still has the old password': [
    keys(key('aa', 'root', true), key('bb', 'brd-2222')),
    repository,
    /still opens the repository with the key of root, not with brd-2222/,
  ],
  'a failed probe is not an absent key': [
    { exitCode: 1, stderr: 'connection refused' },
    repository,
    /connection refused/,
  ],
})

/**
 * restic as far as the keys of a repository go: a file of `id user password`, and the service's own
 * password beside it.
 */
const program = `#!/bin/sh
here=$(dirname "$0")/..
file=$here/password
[ "$1" != --password-file ] || { file=$2; shift 2; }
password=$(cat "$file")
own=$(awk -v password="$password" '
  { id = $1; user = $2; sub(/^[^ ]+ [^ ]+ /, "") }
  $0 == password { print id }' "$here/keys")
[ -n "$own" ] || { echo 'Fatal: wrong password or no key found' >&2; exit 1; }
case "$*" in
  'cat config') echo '{"version":2}' ;;
  'key list --json') awk -v own="$own" '{ printf "%s{\\"current\\":%s,\\"id\\":\\"%s\\",\\"userName\\":\\"%s\\",\\"hostName\\":\\"h\\"}", NR == 1 ? "[" : ",", $1 == own ? "true" : "false", $1, $2 } END { print "]" }' "$here/keys" ;;
  'key add --new-password-file '*) echo "bb $6 $(cat "$4")" >>"$here/keys" ;;
  'key remove '*) grep -v "^$3 " "$here/keys" >"$here/keys.new"; mv "$here/keys.new" "$here/keys" ;;
  *) echo "no restic $*" >&2; exit 2 ;;
esac
`
const begun = (lines: string, password: string) => (folder: string) => {
  writePrograms(folder, { docker: dockerProgram, restic: program })
  writeFileSync(join(folder, 'keys'), lines)
  writeFileSync(join(folder, 'password'), password)
}
const left = (folder: string): string => readFileSync(join(folder, 'keys'), 'utf8')

settles('a second password', folder => sandboxOperation(restic.key(want), folder), {
  before: begun('aa root old password\n', 'old password'),
  after: folder => assert.is(left(folder), 'aa root old password\nbb brd-2222 new password\n'),
})
settles(
  'the first one ends',
  folder => [
    sandboxOperation(restic.only(repository), folder),
    sandboxOperation(restic.refuses({ ...want, password: old }), folder),
  ],
  {
    before: begun(
      'aa root old password\nbb brd-2222 new password\ncc keep another\n',
      'new password',
    ),
    after: folder => assert.is(left(folder), 'bb brd-2222 new password\ncc keep another\n'),
  },
)
refuses(
  'a password that still opens it',
  folder => sandboxOperation(restic.refuses({ ...want, password: old }), folder),
  /it still does/,
  {
    before: begun('aa root old password\n', 'old password'),
  },
)

/** A restic that answers everything with this, as it was seen (0.14.0 and 0.19.1). */
const answering = (exitCode: number, text: string) => (folder: string) => {
  writeFileSync(join(folder, 'answer'), `${text}\n`)
  writePrograms(folder, {
    docker: dockerProgram,
    restic: `#!/bin/sh\ncat "$(dirname "$0")/../answer" >&2\nexit ${exitCode}\n`,
  })
}
const question = 'Is there a repository at the following location?\ns3:https://s3.example/b/files'
const all = (folder: string) => [
  sandboxOperation(restic.key(want), folder),
  sandboxOperation(restic.only(repository), folder),
]
for (const [title, exitCode, text] of [
  [
    'a server that is away',
    1,
    `Fatal: unable to open config file: Stat: Head "http://s3/b/files/config": dial tcp 10.0.0.1:9000: connect: connection refused\n${question}`,
  ],
  [
    'keys that are refused',
    1,
    `Fatal: unable to open config file: Stat: Access Denied.\n${question}`,
  ],
  ['no credentials', 1, `Fatal: unable to open config file: Stat: 400 Bad Request\n${question}`],
  [
    'a name that does not resolve',
    1,
    `Fatal: unable to open config file: Stat: Head "http://s3/b/files/config": dial tcp: lookup s3: no such host\n${question}`,
  ],
  ['a password file that is missing', 1, 'Resolving password failed: Fatal: /x does not exist'],
  ['a lock', 11, 'repo already locked, waiting up to 0s for the lock'],
  ['a repository that only the text speaks of', 1, 'the repository does not exist, perhaps'],
] as const) {
  for (const [name, make] of [
    ['restic.key', (folder: string) => all(folder)[0] as ReturnType<typeof restic.key>],
    ['restic.only', (folder: string) => all(folder)[1] as ReturnType<typeof restic.only>],
    [
      'restic.refuses',
      (folder: string) =>
        sandboxOperation(restic.refuses({ ...want, password: old }), folder, [
          '/var/lib/brd',
          '/dev/shm',
        ]),
    ],
  ] as const)
    if (name === 'restic.key' || title === 'a server that is away')
      refuses(`${name}: ${title} is not an absent repository`, make, /cannot be read|exit 1/, {
        before: folder => {
          mkdirSync(join(folder, 'dev/shm'), { recursive: true })
          answering(exitCode, text)(folder)
        },
      })
}
for (const [title, exitCode, text] of [
  [
    'restic 0.14',
    1,
    `Fatal: unable to open config file: Stat: The specified key does not exist.\n${question}`,
  ],
  [
    'restic 0.19',
    10,
    'Fatal: repository does not exist: unable to open config file: Stat: The specified key does not exist.',
  ],
] as const)
  settles(`no repository, as ${title} says it`, all, { before: answering(exitCode, text) })

test('no password is in a script', () => {
  const printed = keys(key('aa', 'root', true))
  for (const op of [restic.key(want), restic.refuses(want)]) {
    const plan = op.decide(
      makeOutput(op.key.startsWith('runOnce ') ? 'never\n' : printed),
      nothingPending,
    )
    assert.ok(plan && 'apply' in plan)
    for (const text of [op.probe.text, plan.apply.text, JSON.stringify(plan)])
      assert.not.match(text, /new password/)
  }
})

test.run()
