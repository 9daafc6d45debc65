/** Installing the engine's packages, where the lab may: on Debian or Ubuntu, as root, after its user said yes. */
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { answering } from './engine.ts'
import { at, type Say } from './home.ts'
import * as own from './own-engine.ts'
import { attempt, machine } from './shell.ts'

/** The packages that the lab needs and this machine lacks: none where an engine answers. */
export const missing = async (): Promise<string[]> => {
  if (await answering()) return []
  const engine = (await own.installed()) ? [] : ['docker.io', 'iptables']
  return [...engine, ...((await attempt(['debootstrap', '--version'])) ? [] : ['debootstrap'])]
}

/** Whether `install` can work here; otherwise a person types `howToInstall`. */
export const mayInstall = async (): Promise<boolean> => process.getuid?.() === 0 && (await attempt(['apt-get', '--version'])) !== null

/** The packages are installed. Where systemd does not run, no service was started. */
export const install = async (packages: readonly string[], say: Say): Promise<void> => {
  say(`installing ${packages.join(', ')} from this machine's package sources`)
  const env = {
    DEBIAN_FRONTEND: 'noninteractive',
    ...((await runsSystemd()) ? {} : { PATH: `${await quietServices()}:${process.env.PATH}` }),
  }
  await machine(['apt-get', 'update', '-qq'], { timeout: 300_000 })
  await machine(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages], { timeout: 900_000, env })
  await rm(at('quiet'), { recursive: true, force: true })
}

const runsSystemd = async () => (await readFile('/proc/1/comm', 'utf8')).trim() === 'systemd'

// Maintainer scripts start services through invoke-rc.d: one that does nothing stands before it on their PATH, and only on theirs.
const quietServices = async (): Promise<string> => {
  await mkdir(at('quiet'), { recursive: true, mode: 0o700 })
  await writeFile(at('quiet', 'invoke-rc.d'), '#!/bin/sh\nexit 0\n')
  await chmod(at('quiet', 'invoke-rc.d'), 0o755)
  return at('quiet')
}
