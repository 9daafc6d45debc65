/**
 * Installs what the lab needs, if it may: on Debian or Ubuntu, as root, after its user said
 * yes.
 */
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { runLocal, tryLocal } from '../../lib/images/local-command.ts'
import { labPath, type Say } from '../../lib/inventory/lab-home.ts'
import { isInstalled } from '../test/skip.ts'
import { findAnsweringEngine } from './engine.ts'

/** The programs and the package of each. An engine that answers needs only the first. */
const always = { ssh: 'openssh-client', 'ssh-keygen': 'openssh-client' }
const forAnEngine = {
  dockerd: 'docker.io',
  iptables: 'iptables',
  ip: 'iproute2',
  debootstrap: 'debootstrap',
}

/** The packages that the lab needs and this machine lacks. */
export const listMissing = async (): Promise<string[]> => {
  const needed = { ...always, ...((await findAnsweringEngine()) ? {} : forAnEngine) }
  return [
    ...new Set(
      Object.entries(needed).flatMap(([program, name]) => (isInstalled(program) ? [] : [name])),
    ),
  ]
}

/** Whether `install` can work here; otherwise a person types `howToInstall`. */
export const canInstall = async (): Promise<boolean> =>
  process.getuid?.() === 0 && (await tryLocal(['apt-get', '--version'])) !== null

/** The packages are installed. Where systemd does not run, no service was started. */
export const install = async (packages: readonly string[], say: Say): Promise<void> => {
  say(`installing ${packages.join(', ')} from this machine's package sources`)
  const quiet = (await runsSystemd())
    ? []
    : ['-o', `DPkg::Path=${await silenceServices()}:/usr/sbin:/usr/bin:/sbin:/bin`]
  await runLocal(['apt-get', 'update', '-qq'], { timeout: 300_000 })
  await runLocal(
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...quiet, ...packages],
    {
      timeout: 900_000,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    },
  )
  await rm(labPath('quiet'), { recursive: true, force: true })
}

const runsSystemd = async () => (await readFile('/proc/1/comm', 'utf8')).trim() === 'systemd'

// Maintainer scripts start services through invoke-rc.d: one that does nothing stands before it on
// the PATH that apt gives them.
const silenceServices = async (): Promise<string> => {
  await mkdir(labPath('quiet'), { recursive: true, mode: 0o700 })
  await writeFile(labPath('quiet', 'invoke-rc.d'), '#!/bin/sh\nexit 0\n')
  await chmod(labPath('quiet', 'invoke-rc.d'), 0o755)
  return labPath('quiet')
}
