import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { planInstall } from '../../../scripts/test/install-tools.ts'

const machine = { missing: ['sshd', 'tmux'], root: true, apt: true, systemd: false, yes: false }

const rows: Record<string, [Partial<typeof machine>, string[], RegExp]> = {
  'a container: they are installed': [
    {},
    ['openssh-server', 'tmux'],
    /^installing openssh-server, tmux/,
  ],
  'nothing is missing': [{ missing: [] }, [], /^$/],
  "somebody's machine: not unasked": [
    { systemd: true },
    [],
    /skipped: apt-get install openssh-server tmux$/,
  ],
  "somebody's machine, with --yes": [
    { systemd: true, yes: true },
    ['openssh-server', 'tmux'],
    /^installing/,
  ],
  'not root': [
    { root: false, yes: true },
    [],
    /^not installed here: sshd, tmux\..*apt-get install/,
  ],
  'no apt': [{ apt: false, yes: true }, [], /skipped$/],
}

for (const [name, [over, install, says]] of Object.entries(rows))
  test(name, () => {
    const found = planInstall({ ...machine, ...over })
    assert.equal(found.install, install)
    assert.match(found.say, says)
  })

test.run()
