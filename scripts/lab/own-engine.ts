/**
 * An engine of the lab's own: Debian's dockerd beside whatever else runs here, with nothing in
 * common but the kernel.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, openSync } from 'node:fs'
import { access, readFile, rm, writeFile } from 'node:fs/promises'
import { pollUntil, runLocal, tryLocal } from '../../lib/images/local-command.ts'
import { at } from '../../lib/inventory/lab-home.ts'
import { childrenOf, enginesHere } from './engines.ts'
import * as firewall from './firewall.ts'
import { bridge, engineSubnet, pools, uplinkMtu } from './network.ts'
import { unmountAll } from './tree.ts'

const socket = () => at('engine.sock')

/** The address that Docker's clients take. */
export const host = (): string => `unix://${socket()}`

/** True when an earlier `up` chose the lab's own engine; it stays chosen until `down`. */
export const chosen = (): Promise<boolean> => exists(at('engine.json'))

/**
 * The lab's engine answers on its socket. Throws with the way out where there is no dockerd, no
 * root, or it does not start.
 */
export const start = async (): Promise<void> => {
  if (!(await installed()))
    throw new Error(`no Docker engine answers and none is installed: ${howToInstall}`)
  if (process.getuid?.() !== 0)
    throw new Error(
      `no Docker engine answers: start Docker, or run the lab as root so that it may start one`,
    )
  await refuseTwin()
  mkdirSync(at(), { recursive: true, mode: 0o700 })
  await firewall.remember()
  await raiseBridge()
  await writeFile(at('engine.json'), JSON.stringify(await config(), null, 2))
  if (!(await pollUntil(START, started, 500)))
    throw new Error(
      `the lab's Docker engine does not answer; the end of ${at('engine.log')}:\n${await logTail()}`,
    )
}

/** What a person types where the lab may not install the engine itself. */
export const howToInstall =
  'on Debian or Ubuntu `sudo apt-get install docker.io debootstrap`, elsewhere install Docker Engine; then the same command again'

/** True when there is a dockerd to start. */
export const installed = (): Promise<boolean> => exists('/usr/sbin/dockerd')

/** Milliseconds for an engine to start on a machine that is busy with other work. */
const START = 120_000

// On a busy machine dockerd gives up its own containerd after 15 s and ends: it is started again.
const started = async (): Promise<boolean> => {
  if (!(await pid())) launch()
  return await answers()
}

// Two homes with one set of addresses would pull the bridges from under each other.
const refuseTwin = async (): Promise<void> => {
  for (const { config } of await enginesHere()) {
    const text =
      config && config !== at('engine.json') ? await readFile(config, 'utf8').catch(() => '') : ''
    if (text.includes(`"${bridge.engine}"`))
      throw new Error(
        `another lab has these addresses (${config}): set BRD_LAB_NET to a free number between 1 and 254`,
      )
  }
}

/**
 * The lab's engine is stopped, with its containers, bridge and firewall rules. What it stored is
 * kept. Where none was started nothing happens.
 */
export const stop = async (): Promise<void> => {
  if (!(await chosen())) return
  const running = await pid()
  if (running) process.kill(running, 'SIGTERM')
  if (running && !(await pollUntil(40_000, async () => (await pid()) === null)))
    process.kill(running, 'SIGKILL')
  for (const left of await childrenOf(at('engine-run'))) process.kill(left, 'SIGKILL')
  await firewall.restore()
  for (const folder of ['engine', 'engine-run']) await unmountAll(at(folder))
  await tryLocal(['ip', 'link', 'delete', bridge.engine])
  for (const left of ['engine.sock', 'engine.pid', 'engine.json'])
    await rm(at(left), { force: true })
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

const answers = async () =>
  (await tryLocal(['/usr/bin/docker', '--host', host(), 'version'], { timeout: 5_000 })) !== null

// A pid file outlives kill -9 and a reboot: only a process that was started with our configuration
// counts.
const pid = async (): Promise<number | null> => {
  const mine = (await enginesHere()).find(({ config }) => config === at('engine.json'))
  if (!mine) await rm(at('engine.pid'), { force: true })
  return mine?.pid ?? null
}

const config = async () => ({
  'data-root': at('engine'),
  'exec-root': at('engine-run'),
  hosts: [host()],
  pidfile: at('engine.pid'),
  bridge: bridge.engine,
  mtu: await uplinkMtu(),
  'default-address-pools': pools,
  'log-driver': 'json-file',
  'log-opts': { 'max-size': '10m', 'max-file': '2' },
})

// Its own bridge: docker0 belongs to an engine that the user may install later.
const raiseBridge = async () => {
  await tryLocal(['ip', 'link', 'add', 'name', bridge.engine, 'type', 'bridge'])
  await runLocal(['ip', 'address', 'replace', engineSubnet, 'dev', bridge.engine])
  await runLocal(['ip', 'link', 'set', bridge.engine, 'up'])
}

const launch = () => {
  const log = openSync(at('engine.log'), 'w', 0o600)
  spawn('/usr/sbin/dockerd', ['--config-file', at('engine.json')], {
    detached: true,
    stdio: ['ignore', log, log],
  }).unref()
}

const logTail = async () =>
  (await readFile(at('engine.log'), 'utf8').catch(() => '')).trim().split('\n').slice(-8).join('\n')
