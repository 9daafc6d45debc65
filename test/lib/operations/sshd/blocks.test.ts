import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { printBlocks, readBlocks } from '../../../../lib/operations/sshd/blocks.ts'
import { findShell, SHELLS } from '../../../support/shells.ts'

const folder = mkdtempSync(join(tmpdir(), 'brd-blocks-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, 'sshd_config.d'))
const files = {
  sshd_config: `Include ${folder}/sshd_config.d/*.conf
PasswordAuthentication no
# Match User nobody
match Address 10.0.0.0/8 User !root
  passwordauthentication=yes
  Banner none
Include more
X11Forwarding yes
Match all
\tX11Forwarding   "no"\r
`,
  'sshd_config.d/10-a.conf': 'X11Forwarding no\nMatch LocalPort 2222\nPasswordAuthentication yes\n',
  'sshd_config.d/20-b.conf': 'X11Forwarding yes\n',
  more: 'PasswordAuthentication no\nMatch Group sftp\nPasswordAuthentication yes',
}
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)

for (const shell of SHELLS)
  test(`values in Match blocks, in included files too: ${shell}`, () => {
    const fragment = printBlocks(['passwordauthentication', 'x11forwarding'])
    const { stdout, stderr } = spawnSync(
      findShell(shell),
      ['-c', fragment.text.replaceAll('/etc/ssh', folder)],
      { encoding: 'utf8' },
    )
    assert.is(stderr, '')
    assert.equal(
      readBlocks(stdout.replaceAll(folder, '').trim().split('\n')).map(
        ({ place, criteria, keyword, value }) => `${place} ${criteria}: ${keyword} ${value}`,
      ),
      [
        '/sshd_config.d/10-a.conf:3 LocalPort 2222: passwordauthentication yes',
        '/sshd_config:5 Address 10.0.0.0/8 User !root: passwordauthentication yes',
        '/more:1 Address 10.0.0.0/8 User !root: passwordauthentication no',
        '/more:3 Group sftp: passwordauthentication yes',
        '/sshd_config:8 Address 10.0.0.0/8 User !root: x11forwarding yes',
        '/sshd_config:10 all: x11forwarding "no"',
      ],
    )
  })

test.run()
