/** What sshd is asked before it reads its files again. A real one, with an /etc/ssh of its own. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { tryFiles } from '../../../../lib/operations/sshd/proof.ts'
import { requirePrograms, skip } from '../../../../scripts/test/skip.ts'

requirePrograms('sshd', 'ssh', 'ssh-keygen', 'unshare')

const setUp = `mkdir -p "$1/ssh/sshd_config.d" /run/sshd
cp -r /etc/ssh/. "$1/ssh/" && mount --bind "$1/ssh" /etc/ssh || exit 99
echo 'Include /etc/ssh/sshd_config.d/*.conf' | cat - "$1/ssh/sshd_config" >"$1/new"
cat "$1/new" >/etc/ssh/sshd_config; ssh-keygen -A >/dev/null
printf '%s\\n' "$2" >/etc/ssh/sshd_config.d/00-test.conf
exec dash "$1/try.sh"`

/** How it ends with this line in the settings. */
const tryWith = (line: string): readonly [number | null, string] => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-sshd-files-'))
  try {
    writeFileSync(join(folder, 'try.sh'), tryFiles.text)
    const { status, stderr } = spawnSync(
      'unshare',
      ['--mount', 'sh', '-c', setUp, 'sh', folder, line],
      {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], SSH_CONNECTION: '10.0.0.9 40000 10.0.0.1 22' },
      },
    )
    if (status === 99 || /unshare failed/.test(stderr))
      skip('nothing can be mounted here: an /etc/ssh for a test')
    return [status, stderr]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('settings that let the user of this run in are read', () =>
  assert.is(tryWith('PasswordAuthentication no')[0], 0))
test('settings that keep the user of this run out are not', () => {
  const [status, said] = tryWith('AllowUsers nobody')
  assert.is(status, 1)
  assert.match(said, /could not log in with a key: sshd goes on with its files as they were/)
})
test('what sshd does not accept is named', () => {
  const [status, said] = tryWith('Garbage yes')
  assert.is(status, 1)
  assert.match(said, /sshd does not accept its files: .*Bad configuration option: Garbage/)
})
test('rules that tell addresses apart are not tried from the loopback', () =>
  assert.is(tryWith('AllowUsers root@10.0.0.9')[0], 0))

test.run()
