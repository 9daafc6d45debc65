import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { isInstalled } from './skip.ts'

/** The programs that some tests drive, and the Debian package that holds each. */
const packages: Readonly<Record<string, string>> = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  busybox: 'busybox-static',
  dash: 'dash',
  tmux: 'tmux',
  sudo: 'sudo',
  zsh: 'zsh',
  fish: 'fish',
  chromium: 'chromium',
  zip: 'zip',
  unzip: 'unzip',
  wget: 'wget',
}

/**
 * Decides what to do about missing programs. They are installed without a question in a container
 * only: on a machine with systemd the package of an ssh server would start one.
 */
export const planInstall = (machine: {
  readonly missing: readonly string[]
  readonly root: boolean
  readonly apt: boolean
  readonly systemd: boolean
  readonly yes: boolean
}) => {
  if (machine.missing.length === 0) return { install: [], say: '' }
  const names = [...new Set(machine.missing.map(program => packages[program] ?? program))]
  if (machine.root && machine.apt && (machine.yes || !machine.systemd))
    return { install: names, say: `installing ${names.join(', ')} for the tests` }
  const missing = `not installed here: ${machine.missing.join(', ')}`
  const hint = machine.apt ? `: apt-get install ${names.join(' ')}` : ''
  return { install: [], say: `${missing}. The tests that need them are skipped${hint}` }
}

/**
 * Installs the missing programs if `planInstall` allows it, and prints what it does. If that fails,
 * the tests that need them are skipped.
 */
export const installTools = (yes: boolean, say: (line: string) => void): void => {
  const missing = Object.keys(packages).filter(program => !isInstalled(program))
  const { install, say: line } = planInstall({
    missing,
    root: process.getuid?.() === 0,
    apt: isInstalled('apt-get'),
    systemd: existsSync('/run/systemd/system'),
    yes,
  })
  if (line) say(line)
  if (install.length === 0) return
  const apt = (...args: readonly string[]) =>
    spawnSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 300_000,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  const added = () => apt('install', '--yes', '--no-install-recommends', ...install)
  const done = added().status === 0 || (apt('update').status === 0 && added().status === 0)
  if (!done)
    say(`apt-get could not install ${install.join(', ')}: the tests that need them are skipped`)
}
