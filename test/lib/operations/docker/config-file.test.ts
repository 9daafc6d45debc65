import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  dropEntry,
  printEntry,
  printHelper,
  putEntry,
} from '../../../../lib/operations/docker/config-file.ts'
import type { Sh } from '../../../../lib/sh.ts'
import { findShell, SHELLS } from '../../../support/shells.ts'

const server = 'r.example:5000'
const other = '"other": {"auth": "b,}\\"c"}'
const json = (...members: string[]) => `{\n\t"auths": {\n\t\t${members.join(',\n\t\t')}\n\t}\n}\n`
const mine = `"${server}": {"auth": "eA=="}`

type Row = readonly [fragment: Sh, stdin: string, expected: unknown]
/** what is asked of a file -> its fragment, the text, and what comes out (parsed, if it is JSON) */
const rows: Record<string, Row> = {
  'a login': [printEntry(server), json(other, mine), { auth: 'eA==' }],
  'no such login': [printEntry(server), json(other), ''],
  'no logins at all': [printEntry(server), '{}', ''],
  'a name that is only a value': [printEntry(server), `{"a": "${server}", "auths": {}}`, ''],
  'a login in one line': [printEntry(server), `{"x":[1,"}"],"auths":{${mine}}}`, { auth: 'eA==' }],
  'a login is added': [
    putEntry(server),
    `{"auth": "new"}\n${json(other)}`,
    { auths: { other: { auth: 'b,}"c' }, [server]: { auth: 'new' } } },
  ],
  'a login is replaced, and all else stays': [
    putEntry(server),
    `{"auth": "new"}\n{"auths": {${mine}, ${other}}, "psFormat": "{{.ID}}"}\n`,
    {
      auths: { other: { auth: 'b,}"c' }, [server]: { auth: 'new' } },
      psFormat: '{{.ID}}',
    },
  ],
  'the first login': [
    putEntry(server),
    '{"auth": "new"}\n{"psFormat": "x"}\n',
    { psFormat: 'x', auths: { [server]: { auth: 'new' } } },
  ],
  'the first login in an empty file': [
    putEntry(server),
    '{"auth": "new"}\n{}\n',
    { auths: { [server]: { auth: 'new' } } },
  ],
  'the first of two logins goes': [
    dropEntry(server),
    json(mine, other),
    { auths: { other: { auth: 'b,}"c' } } },
  ],
  'the last of two logins goes': [
    dropEntry(server),
    json(other, mine),
    { auths: { other: { auth: 'b,}"c' } } },
  ],
  'the only login goes': [dropEntry(server), json(mine), { auths: {} }],
  'a helper for everything': [printHelper(server), '{"credsStore": "pass"}', 'helper\n'],
  'a helper for the server': [
    printHelper(server),
    `{"credHelpers": {"${server}": "ecr"}}`,
    'helper\n',
  ],
  'a helper for another server': [printHelper(server), '{"credHelpers": {"x": "ecr"}}', ''],
}
const run = (shell: (typeof SHELLS)[number], fragment: Sh, input: string) =>
  spawnSync(findShell(shell), ['-c', fragment.text], { input, encoding: 'utf8' })

for (const shell of SHELLS) {
  for (const [title, [fragment, input, expected]] of Object.entries(rows))
    test(`${title}: ${shell}`, () => {
      const { status, stdout, stderr } = run(shell, fragment, input)
      assert.is(status, 0, stderr)
      assert.equal(typeof expected === 'string' ? stdout : JSON.parse(stdout), expected)
    })
  for (const text of ['', '[]', '{"auths"', '{"auths": {"a": ', 'none'])
    test(`no JSON of an object is an error: ${JSON.stringify(text)} in ${shell}`, () => {
      const { status, stderr } = run(shell, printEntry(server), text)
      assert.is(status, 1)
      assert.match(stderr, /is not as Docker writes it/)
    })
}

test.run()
