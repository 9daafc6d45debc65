import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sshd } from '../../lib/operations/sshd.ts'
import { type LabHost, openLabHost, settlesLive } from '../support/lab-host.ts'
import { resetHosts } from '../support/reset-hosts.ts'

let host: LabHost
test.before(async () => {
  host = openLabHost('new-prod')
  await resetHosts('new-prod')
})
test.after(() => host?.end())

const path = '/etc/ssh/sshd_config.d/00-hardening.conf'
const settings = { PermitRootLogin: 'no', PasswordAuthentication: 'no', MaxAuthTries: 3 }
const left = () =>
  host.root('ls -d /run/brd-sshd.* 2>/dev/null || :; pgrep -f "sshd.*brd-sshd" || :')

settlesLive(
  () => host,
  'hardened sshd',
  () => sshd({ settings }),
  {
    before: `rm -f ${path} /var/lib/brd/stamps/ssh.service.*; systemctl restart ssh`,
    kinds: ['changed', 'changed'],
    after: host => {
      assert.match(host.root('sshd -T'), /permitrootlogin no/)
      assert.is(left(), '')
    },
  },
)

const refused = (title: string, want: Parameters<typeof sshd>[0], message: RegExp): void =>
  test(`refused: ${title}`, async () => {
    const before = host.root(`cat ${path}`)
    const run = await host.converge(sshd(want))
    assert.is(run.result, 'failed')
    assert.match(JSON.stringify(run.error), message)
    assert.equal([host.root(`cat ${path}`), left()], [before, ''])
  })
refused(
  'settings that lock out the login user',
  { settings: { ...settings, AllowUsers: ['somebody'] } },
  /ops could not log in with a key: nothing was changed/,
)
refused(
  'root as the login user, who may not',
  { settings: { ...settings, MaxAuthTries: 4 }, login: 'root' },
  /root could not log in with a key/,
)
refused(
  'keys that are looked for elsewhere',
  { settings: { ...settings, AuthorizedKeysFile: '/etc/nowhere/%u' } },
  /ops has no authorized key/,
)
refused(
  'a keyword that sshd does not know',
  { settings: { ...settings, PermitRoot: 'no' } },
  /Bad configuration option: PermitRoot(.)*sshd does not accept/,
)
refused(
  'a value that sshd does not take',
  { settings: { ...settings, MaxAuthTries: 'many' } },
  /sshd does not accept the settings/,
)

settlesLive(
  () => host,
  'other settings',
  () => sshd({ settings: { ...settings, MaxAuthTries: 6 } }),
  {
    kinds: ['changed', 'changed'],
    after: host =>
      void host.root(`rm -f ${path} /var/lib/brd/stamps/ssh.service.*; systemctl restart ssh`),
  },
)

test.run()
