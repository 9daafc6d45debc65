// First, for it sets the addresses that lib/lab reads.
import '../scripts/lab/second-lab.ts'
import { spawn } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runLocal, tryLocal } from '../../lib/images/local-command.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { type LabState, requireLab } from '../../lib/inventory/lab-state.ts'
import { pollUntil } from '../../lib/run/wait-until.ts'
import { baseRef, provideDebian } from '../../scripts/lab/debian-base.ts'
import { down } from '../../scripts/lab/down.ts'
import { findAnsweringEngine, findEngine, isUsersEngine } from '../../scripts/lab/engine.ts'
import { listSshArguments, readPassword } from '../../scripts/lab/keys.ts'
import { push } from '../../scripts/lab/mirror.ts'
import {
  bridge,
  type HostName,
  hostNames,
  label,
  nameContainer,
  space,
} from '../../scripts/lab/network.ts'
import { getFromLab, resolveLabName } from '../../scripts/lab/reach.ts'
import { describeLab } from '../../scripts/lab/status.ts'
import { reset, up } from '../../scripts/lab/up.ts'
import { home, seed } from '../scripts/lab/second-lab.ts'

const quiet = () => {}
const raise = () => up(quiet, { images: 'none' })

/** What the script prints on a host, run as `user` through a login with strict host keys. */
const on = (host: HostName, script: string, user = 'root') =>
  runLocal(['ssh', ...listSshArguments(host, user), script], { timeout: 120_000 })
const ids = async () =>
  (
    await (
      await findEngine()
    )(['ps', '--all', '--no-trunc', '--quiet', '--filter', `label=${label}`])
  )
    .split('\n')
    .sort()
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'not refused',
    error => String(error.message),
  )

let state: LabState
test.before(async () => {
  await down(quiet, { purge: true })
  seed()
})
test.after(() => down(quiet, { purge: true }))

test('up raises all from nothing, also after one that was killed in its middle', async () => {
  const killed = spawn(
    process.execPath,
    [...process.execArgv, '--import', 'tsx', 'scripts/lab.ts', 'up', '--images', 'none'],
    {
      stdio: 'ignore',
    },
  )
  const ended = once(killed, 'exit')
  assert.ok(
    await pollUntil(
      60_000,
      async () => (await tryLocal(['ip', 'link', 'show', bridge.hosts])) !== null,
      50,
    ),
    'the first up got nowhere',
  )
  killed.kill('SIGKILL')
  await ended
  state = await raise()
  assert.equal(Object.keys(state.hosts), hostNames)
})

test('up again leaves all that runs as it is', async () => {
  const before = await ids()
  await raise()
  assert.equal(await ids(), before)
})

test('status names every host, and what the kernel lacks', async () => {
  const lines = (await describeLab()).join('\n')
  for (const name of hostNames) assert.match(lines, new RegExp(`${name} .* running`))
  assert.is(/no IPVS/.test(lines), !state.capabilities.ipvs)
})

for (const host of hostNames) {
  test(`${host}: login by key, strict host keys, no failed unit, no Docker`, async () => {
    assert.is(
      await on(host, 'systemctl is-system-running; hostname; command -v docker || true'),
      `running\n${host}\n`,
    )
  })
}

test('ops is root by sudo; ops-password only with its password', async () => {
  assert.is(await on('old-one', 'sudo --non-interactive id -u', 'ops'), '0\n')
  assert.match(
    await refusal(on('old-one', 'sudo --non-interactive id -u', 'ops-password')),
    'a password is required',
  )
  assert.is(
    await on('old-one', `echo '${await readPassword()}' | sudo -S -p '' id -u`, 'ops-password'),
    '0\n',
  )
})

test('a host whose key is not the enrolled one is refused', async () => {
  const [, , ...rest] = listSshArguments('old-one')
  const other = labPath('known_hosts.other')
  await runLocal([
    'sh',
    '-c',
    `sed 's/${space}1.12/${space}1.11/' '${state.knownHosts}' | grep '${space}1.11 ' | tail -n 1 > '${other}'`,
  ])
  const options = rest.map(word => word.replace(state.knownHosts, other))
  assert.match(
    await refusal(runLocal(['ssh', '-i', state.key, ...options, 'true'])),
    'Host key verification failed',
  )
})

test('apt-get update works in a host, through the package cache', async () => {
  await on('old-one', 'apt-get update -q')
  assert.match(
    await on('old-one', 'apt-config dump'),
    `Acquire::http::Proxy "http://${state.dns}:3142"`,
  )
})

test("names: dnsmasq has a cluster's domain, the machine's resolver has the others", async () => {
  const resolver = new Resolver()
  resolver.setServers([state.dns])
  const [domain, address] = Object.entries(state.names)[0] ?? ['', '']
  assert.equal(await resolver.resolve4(`any.thing.${domain}`), [address])
  assert.match(await on('old-two', `getent hosts any.thing.${domain}`), address)
  assert.is(await resolveLabName(`any.thing.${domain}`), address)
  const elsewhere = new URL(
    (await on('old-two', "awk '/^deb/ { print $2; exit }' /etc/apt/sources.list")).trim(),
  ).hostname
  assert.ok((await on('old-two', `getent hosts ${elsewhere}`)).trim().length > 0)
})

test("the registry is a mirror of Docker Hub's names", async () => {
  await push(await findEngine(), baseRef, 'library/debian:bookworm', quiet)
  const manifest = `${state.mirror}/v2/library/debian/manifests/bookworm`
  assert.is(
    await on('new-prod', `curl --silent --output /dev/null --write-out '%{http_code}' ${manifest}`),
    '200',
  )
  const lines: string[] = []
  await push(await findEngine(), baseRef, 'library/debian:bookworm', line => lines.push(line))
  assert.equal(lines, [], 'what is there is not sent again')
})

test('the ACME directory answers to those who trust its authority only', async () => {
  const { status, body } = await getFromLab(state.acme.server, {
    ca: await readFile(state.acme.ca, 'utf8'),
  })
  assert.is(status, 200)
  assert.ok(JSON.parse(body).newOrder)
  assert.match(
    await refusal(getFromLab(state.acme.server, { ca: await readFile(state.acme.root, 'utf8') })),
    /certificate/,
  )
})

test('a host gets a certificate for its name over HTTP-01, and serves TLS with it', async () => {
  const name = 'tool.infra-stage.brd.example'
  await runLocal([
    'sh',
    '-c',
    `ssh "$@" 'cat > /root/ca.pem' < '${state.acme.ca}'`,
    'sh',
    ...listSshArguments('infra-stage', 'root'),
  ])
  await on(
    'infra-stage',
    'apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends lego openssl',
  )
  await on(
    'infra-stage',
    `LEGO_CA_CERTIFICATES=/root/ca.pem lego --accept-tos --server ${state.acme.server} --email a@brd.example --domains ${name} --http run`,
  )
  const base = `.lego/certificates/${name}`
  const files = `-cert ${base}.crt -cert_chain ${base}.crt -key ${base}.key`
  await on(
    'infra-stage',
    `systemd-run --quiet --working-directory=/root openssl s_server -accept 443 -www ${files}`,
  )
  assert.ok(
    await pollUntil(10_000, () =>
      getFromLab(`https://${name}/`).then(
        () => true,
        () => false,
      ),
    ),
    'it does not answer',
  )
  assert.is((await getFromLab(`https://${name}/`)).status, 200)
  assert.match(
    await refusal(getFromLab('https://other.infra-stage.brd.example/')),
    /altnames|certificate/,
  )
  assert.match(await refusal(getFromLab('https://example.test/')), 'is not a name of the lab')
})

test("a host's kernel settings, clock and name are not the machine's", async () => {
  const key = '/proc/sys/vm/swappiness'
  const mine = () => [
    readFileSync(key, 'utf8'),
    readFileSync('/proc/sys/kernel/panic', 'utf8'),
    readFileSync('/proc/sys/kernel/hostname', 'utf8'),
  ]
  const before = mine()
  assert.is(
    await on(
      'old-two',
      'sysctl --quiet --write vm.swappiness=17 kernel.panic=99; hostnamectl set-hostname other; sysctl --values vm.swappiness kernel.hostname',
    ),
    '17\nother\n',
  )
  assert.equal(mine(), before)
  assert.match(await refusal(on('old-two', 'date --set 2001-02-03')), 'Operation not permitted')
  assert.match(
    await refusal(on('old-two', 'echo h > /proc/sysrq-trigger')),
    /Read-only|No such file/,
  )
  assert.is(
    await on(
      'old-two',
      'cat /sys/power/state > /dev/null 2>&1; test -w /sys/kernel && touch /sys/kernel/x 2> /dev/null || echo kept',
    ),
    'kept\n',
  )
})

test('a host reboots as a server does: another boot id, its files kept', async () => {
  const boot = () => on('old-two', 'cat /proc/sys/kernel/random/boot_id')
  const before = await boot()
  assert.is.not(before, await on('old-one', 'cat /proc/sys/kernel/random/boot_id'))
  await on('old-two', 'echo kept > /root/kept; systemctl reboot').catch(() => {})
  assert.ok(
    await pollUntil(60_000, () =>
      boot().then(
        now => now !== before,
        () => false,
      ),
    ),
    'it did not come back',
  )
  assert.is(
    await on('old-two', 'cat /root/kept; systemctl is-system-running --wait'),
    'kept\nrunning\n',
  )
})

test('reset: the host is new, with the key that it had; the others stay as they were', async () => {
  const known = readFileSync(state.knownHosts, 'utf8')
  await on('old-one', 'echo kept > /root/kept; mkdir -p /var/lib/docker/old')
  await on('new-prod', 'echo kept > /root/kept')
  await reset(['old-one'], quiet)
  assert.is(await on('old-one', 'ls /root /var/lib/docker'), '/root:\n\n/var/lib/docker:\n')
  assert.is(await on('new-prod', 'cat /root/kept'), 'kept\n')
  assert.is(readFileSync(state.knownHosts, 'utf8'), known)
})

test('reset --prebaked: the host has a running Docker that pulls from the mirror', async () => {
  await reset(['old-one'], quiet, { prebaked: true })
  await on(
    'old-one',
    `mkdir -p /etc/docker; echo '{"registry-mirrors": ["${state.mirror}"]}' > /etc/docker/daemon.json; systemctl restart docker`,
  )
  assert.is(await on('old-one', `docker run --rm ${baseRef} echo hello 2> /dev/null`), 'hello\n')
})

test('up heals what a dead engine leaves: hosts run again, their files kept', async () => {
  if (await isUsersEngine()) return
  process.kill(Number(readFileSync(labPath('engine.pid'), 'utf8')), 'SIGKILL')
  await raise()
  assert.is(
    await on('new-prod', 'cat /root/kept; systemctl is-system-running --wait'),
    'kept\nrunning\n',
  )
  assert.match(
    await getFromLab(state.acme.server, { ca: await readFile(state.acme.ca, 'utf8') }).then(
      answer => answer.body,
    ),
    'newOrder',
  )
})

test('down leaves nothing, and touches nothing of others', async () => {
  const docker = await findEngine()
  await provideDebian(docker, quiet)
  const users = await isUsersEngine()
  if (users)
    await docker(['run', '--detach', '--name', 'brdtest-bystander', baseRef, 'sleep', '600'])
  await down(quiet)
  if (users)
    assert.is(
      (await docker(['inspect', '--format', '{{.State.Status}}', 'brdtest-bystander'])).trim(),
      'running',
    )
  if (users) await docker(['rm', '--force', 'brdtest-bystander'])
  if (!users) assert.is(await findAnsweringEngine(), null)
  assert.is(await refusal(requireLab()), 'the lab is not up: npx zx scripts/lab.ts up')
  for (const trace of [nameContainer('infra'), bridge.hosts, bridge.engine, space]) {
    assert.not.match((await tryLocal(['ip', 'address'])) ?? '', trace)
    assert.not.match((await tryLocal(['iptables-save'])) ?? '', trace)
    assert.not.match((await tryLocal(['ps', '-eo', 'args'])) ?? '', trace)
  }
  assert.not.match(readFileSync('/proc/self/mountinfo', 'utf8'), `${home}/`)
  assert.ok(existsSync(labPath('base.tar')) || users, 'the caches stay')
})

test('down --purge takes the caches, too', async () => {
  await down(quiet, { purge: true })
  assert.is(existsSync(home), false)
})

test.run()
