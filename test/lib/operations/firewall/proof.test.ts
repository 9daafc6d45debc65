/** The firewall's proof, on a host with a network of its own: one that is reached from outside. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../../lib/converge/converge.ts'
import type { Operation } from '../../../../lib/operation.ts'
import { firewallScript, RULES, SCRIPT } from '../../../../lib/operations/firewall/script.ts'
import { type Firewall, firewall } from '../../../../lib/operations/firewall.ts'
import { raw } from '../../../../lib/sh.ts'
import { renderBootScript } from '../../../../lib/transport/root-shell.ts'
import { Session } from '../../../../lib/transport/session.ts'
import { connect } from '../../../../lib/transport/ssh/connect.ts'
import { openRootShell } from '../../../../lib/transport/ssh/sudo.ts'
import { requirePrograms, skip } from '../../../../scripts/test/skip.ts'
import { sandboxOperation, writePrograms } from '../../../support/sandbox.ts'
import { explainMissingSshd, type Sshd, startSshd } from '../../../support/sshd.ts'

if (userInfo().uid !== 0) skip('only root can make a network')
requirePrograms('ip', 'iptables')
const missing = explainMissingSshd()
if (missing) skip(missing)

const space = 'brdtestfw'
const port = 2022
const folder = mkdtempSync(join(tmpdir(), 'brd-firewall-'))
const inside = (...command: string[]): string =>
  execFileSync('ip', ['netns', 'exec', space, ...command], { encoding: 'utf8' })
const ip = (text: string) => execFileSync('ip', text.split(' '))

let sshd: Sshd
let stop = () => {}
test.before(async () => {
  sshd = await startSshd()
  try {
    ip(`netns add ${space}`)
  } catch (error) {
    skip(`nothing can be mounted here: ${error}`)
  }
  ip(`link add ${space}0 type veth peer name eth0 netns ${space}`)
  for (const net of [77, 78]) {
    ip(`addr add 10.213.${net}.1/24 dev ${space}0`)
    ip(`-n ${space} addr add 10.213.${net}.2/24 dev eth0`)
  }
  ip(`link set ${space}0 up`)
  for (const link of ['eth0', 'lo']) ip(`-n ${space} link set ${link} up`)
  const config = readFileSync(join(sshd.dir, 'sshd_config'), 'utf8')
    .replace(/^Port .*$/m, `Port ${port}`)
    .replace(/^ListenAddress .*$/m, 'ListenAddress 0.0.0.0')
  writeFileSync(join(sshd.dir, 'outside'), config)
  const child = spawn(
    'ip',
    ['netns', 'exec', space, '/usr/sbin/sshd', '-D', '-f', join(sshd.dir, 'outside')],
    { stdio: 'ignore' },
  )
  stop = () => void child.kill()
  for (const sbin of ['usr/local/sbin', 'etc/brd', 'run'])
    mkdirSync(join(folder, sbin), { recursive: true })
  writePrograms(folder, {
    systemctl: '#!/bin/sh\n:\n',
    'systemd-run': `#!/bin/sh\necho "$*" >>${folder}/timers\n`,
  })
  writeFileSync(join(folder, SCRIPT), firewallScript.replace(RULES, join(folder, RULES)), {
    mode: 0o755,
  })
  await answers()
})
test.after(async () => {
  stop()
  try {
    ip(`netns del ${space}`)
  } catch {} // it could not be made
  await sshd.stop()
  rmSync(folder, { recursive: true, force: true })
})

const answers = async (): Promise<void> => {
  for (let i = 0; ; i++)
    try {
      execFileSync('ssh-keyscan', ['-T', '1', '-p', String(port), '10.213.77.2'], { stdio: 'pipe' })
      return
    } catch (error) {
      if (i > 50) throw error
      await new Promise(resolve => setTimeout(resolve, 100))
    }
}

/** A session over one of the two networks. */
const reach = (net: number): Session => {
  const address = `10.213.${net}.2`
  const known = join(sshd.dir, `known-${net}`)
  writeFileSync(
    known,
    readFileSync(sshd.knownHosts, 'utf8').replace(/^\S+/gm, `[${address}]:${port}`),
  )
  const target = { ...sshd.target, address, port, knownHosts: [known] }
  return new Session({
    host: 'outside',
    connect: () => connect(target, { seconds: 2 }),
    rootShell: connection => openRootShell(connection, { become: 'no' }, renderBootScript()),
  })
}

/** The host's own files are in the folder; a new login has three seconds. */
const onHost = (op: Operation): Operation => {
  const moved = sandboxOperation(op, folder, ['/var/lib/brd', '/usr/local/sbin', '/etc/brd'])
  return {
    ...moved,
    decide: (out, context) => {
      const plan = moved.decide(out, context)
      return plan && 'apply' in plan
        ? { ...plan, apply: raw(plan.apply.text.replace('-le 140', '-le 12')) }
        : plan
    },
  }
}

const play = async (want: Firewall, net: number) => {
  const session = reach(77)
  const op = onHost(firewall(want)[1] as Operation)
  // Without the system's own sshd, whose port is another one.
  const probe = raw(op.probe.text.replaceAll('sshd -T', 'false'))
  try {
    return await converge([{ ...op, probe }], {
      host: 'outside',
      shell: () => session.shell(),
      login: { anew: () => reach(net) },
    })
  } finally {
    await session.end()
  }
}
const chain = () => inside('iptables', '-S', 'BRD-INPUT')
const ssh = { ports: [port] }

test('rules with which this run logs in anew are loaded and kept', async () => {
  const { result, error } = await play({ allow: [{ port: 80 }], ssh }, 78)
  assert.is(result, 'ok', JSON.stringify(error))
  assert.match(chain(), /--dport 80 -j ACCEPT/)
  assert.match(readFileSync(join(folder, 'timers'), 'utf8'), /brd-firewall-undo --on-active=60/)
})
test('rules that keep this run’s next login out are taken back', async () => {
  const before = readFileSync(join(folder, 'etc/brd/firewall.rules'), 'utf8')
  const { result, error } = await play(
    { allow: [{ port: 443 }], ssh: { ...ssh, from: ['10.213.77.0/24'] } },
    78,
  )
  assert.is(result, 'failed')
  assert.match(JSON.stringify(error), /no new login reached this host with these rules/)
  assert.is(readFileSync(join(folder, 'etc/brd/firewall.rules'), 'utf8'), before)
  assert.match(chain(), /--dport 80 -j ACCEPT/)
  assert.not.match(chain(), /443/)
})

test.run()
