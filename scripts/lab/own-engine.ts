/**
 * An engine of the lab's own: Debian's dockerd beside whatever else runs here, with nothing in
 * common but the kernel.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, openSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { isThere, passMissing } from '../../lib/disk/presence.ts'
import { runLocal, tryLocal } from '../../lib/images/local-command.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { pollUntil } from '../../lib/run/wait-until.ts'
import { findChildren, findEngines } from './engines.ts'
import * as firewall from './firewall.ts'
import { bridge, engineSubnet, pools, readUplinkMtu } from './network.ts'
import { unmountAll } from './remove-tree.ts'

const socketPath = () => labPath('engine.sock')

/** The address that Docker's clients take. */
export const formatEngineHost = (): string => `unix://${socketPath()}`

/** True when an earlier `up` chose the lab's own engine; it stays chosen until `down`. */
export const isChosen = (): boolean => isThere(labPath('engine.json'))

/**
 * Starts the lab's engine and waits until it answers on its socket. Throws, with what to do, if
 * dockerd is missing, the user is not root, or the engine does not start.
 */
export const startEngine = async (): Promise<void> => {
  if (!isEngineInstalled())
    throw new Error(`no Docker engine answers and none is installed: ${howToInstall}`)
  if (process.getuid?.() !== 0)
    throw new Error(
      `no Docker engine answers: start Docker, or run the lab as root so that it may start one`,
    )
  await refuseTwin()
  mkdirSync(labPath(), { recursive: true, mode: 0o700 })
  await firewall.rememberFirewall()
  await raiseBridge()
  await writeFile(labPath('engine.json'), JSON.stringify(await renderConfig(), null, 2))
  if (!(await pollUntil(START, tryStart, 500)))
    throw new Error(
      `the lab's Docker engine does not answer; the end of ${labPath('engine.log')}:\n` +
        (await readLogTail()),
    )
}

/** What a person types where the lab may not install the engine itself. */
export const howToInstall =
  'on Debian or Ubuntu `sudo apt-get install docker.io debootstrap`, ' +
  'elsewhere install Docker Engine; then the same command again'

/** True when there is a dockerd to start. */
export const isEngineInstalled = (): boolean => isThere('/usr/sbin/dockerd')

/** Milliseconds for an engine to start on a machine that is busy with other work. */
const START = 120_000

// On a busy machine dockerd gives up its own containerd after 15 s and ends: it is started again.
const tryStart = async (): Promise<boolean> => {
  if (!(await findPid())) launch()
  return await isAnswering()
}

// Two homes with one set of addresses would pull the bridges from under each other.
const refuseTwin = async (): Promise<void> => {
  for (const { config } of await findEngines()) {
    const text =
      config && config !== labPath('engine.json')
        ? ((await readFile(config, 'utf8').catch(passMissing)) ?? '')
        : ''
    if (text.includes(`"${bridge.engine}"`))
      throw new Error(
        `another lab has these addresses (${config}): ` +
          'set BRD_LAB_NET to a free number between 1 and 254',
      )
  }
}

/**
 * The lab's engine is stopped, with its containers, bridge and firewall rules. What it stored is
 * kept. Where none was started nothing happens.
 */
export const stopEngine = async (): Promise<void> => {
  if (!isChosen()) return
  const running = await findPid()
  if (running) process.kill(running, 'SIGTERM')
  if (running && !(await pollUntil(40_000, async () => (await findPid()) === null)))
    process.kill(running, 'SIGKILL')
  for (const left of await findChildren(labPath('engine-run'))) process.kill(left, 'SIGKILL')
  await firewall.restoreFirewall()
  for (const folder of ['engine', 'engine-run']) await unmountAll(labPath(folder))
  await tryLocal(['ip', 'link', 'delete', bridge.engine])
  for (const left of ['engine.sock', 'engine.pid', 'engine.json'])
    await rm(labPath(left), { force: true })
}

const isAnswering = async () =>
  (await tryLocal(['/usr/bin/docker', '--host', formatEngineHost(), 'version'], {
    timeout: 5_000,
  })) !== null

// A pid file outlives kill -9 and a reboot: only a process that was started with our configuration
// counts.
const findPid = async (): Promise<number | null> => {
  const mine = (await findEngines()).find(({ config }) => config === labPath('engine.json'))
  if (!mine) await rm(labPath('engine.pid'), { force: true })
  return mine?.pid ?? null
}

const renderConfig = async () => ({
  'data-root': labPath('engine'),
  'exec-root': labPath('engine-run'),
  hosts: [formatEngineHost()],
  pidfile: labPath('engine.pid'),
  bridge: bridge.engine,
  mtu: await readUplinkMtu(),
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
  const log = openSync(labPath('engine.log'), 'w', 0o600)
  spawn('/usr/sbin/dockerd', ['--config-file', labPath('engine.json')], {
    detached: true,
    stdio: ['ignore', log, log],
  }).unref()
}

const readLogTail = async () =>
  (await readFile(labPath('engine.log'), 'utf8').catch(() => ''))
    .trim()
    .split('\n')
    .slice(-8)
    .join('\n')
