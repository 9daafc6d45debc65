import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  pickValues,
  printValues,
  printWanted,
  readValues,
} from '../../../../lib/operations/sshd/values.ts'
import { skip } from '../../../../scripts/test/skip.ts'
import { findShell, SHELLS } from '../../../support/shells.ts'
import { explainMissingSshd } from '../../../support/sshd.ts'

const missing = explainMissingSshd()
if (missing) skip(missing)

const folder = mkdtempSync(join(tmpdir(), 'brd-values-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))
const key = join(folder, 'key')
execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])

const ask = (shell: (typeof SHELLS)[number], content: string, wanted: Record<string, string>) => {
  const { stdout, stderr } = spawnSync(
    findShell(shell),
    ['-c', printWanted(content, wanted).text.replace('sshd -T', `/usr/sbin/sshd -T -h ${key}`)],
    { encoding: 'utf8' },
  )
  assert.is(stderr, '')
  return pickValues(readValues(stdout.split('\n'), '+'), wanted)
}

for (const shell of SHELLS) {
  test(`settings as sshd writes them: ${shell}`, () => {
    const rows = [
      ['LoginGraceTime', '2m', '120'],
      ['LogLevel', 'info', 'info'],
      ['RekeyLimit', '1G 1h', '1073741824 3600'],
      ['MaxStartups', '10:30:100', '10:30:100'],
      ['AllowTcpForwarding', 'all', 'yes'],
      ['AcceptEnv', 'LANG LC_*', 'lang lc_*'],
      ['PubkeyAcceptedKeyTypes', 'ssh-ed25519', 'ssh-ed25519'],
    ] as const
    const wanted = Object.fromEntries(rows.map(([word, value]) => [word.toLowerCase(), value]))
    const content = rows.map(([word, value]) => `${word} ${value}\n`).join('')
    assert.equal(
      ask(shell, content, wanted),
      Object.fromEntries(rows.map(([word, , value]) => [word.toLowerCase(), value])),
    )
  })
  test(`what sshd does not accept has no values: ${shell}`, () => {
    assert.equal(ask(shell, 'LoginGraceTime soon\n', { logingracetime: 'soon' }), {})
  })
}

test('what sshd writes as it is given costs no process', () => {
  assert.is(printWanted('UsePAM yes\n', { usepam: 'yes' }).text, ':')
})

test('the values that are in force are found by the old name and the new one', () => {
  const wanted = { skeyauthentication: 'no' }
  assert.match(printValues(wanted).text, / skeyauthentication kbdinteractiveauthentication /)
  assert.equal(pickValues({ kbdinteractiveauthentication: 'no' }, wanted), {
    skeyauthentication: 'no',
  })
})

test.run()
