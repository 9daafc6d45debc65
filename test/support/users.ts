import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { isInstalled } from '../../scripts/test/skip.ts'

/** A Linux user for a test. All are named brdtest-*, and removed afterwards. */
export type TestUser = {
  readonly name: `brdtest-${string}`
  readonly password: string
  /** Default /bin/sh. */
  readonly shell?: string
  /** Lines of sudoers, USER standing for the name. */
  readonly sudoers?: readonly string[]
  /** Content of ~/.bashrc. */
  readonly bashrc?: string
}

/** Why no user can be made here, or null. `programs` are what the users need besides. */
export const explainMissingUsers = (programs: readonly string[] = ['sudo']): string | null => {
  if (userInfo().uid !== 0) return 'only root can make users'
  const missing = ['useradd', ...programs].filter(program => !isInstalled(program))
  return missing.length === 0 ? null : `${missing.join(', ')} not installed on this machine`
}

/**
 * Makes the users, after removing those that a broken run left behind. Returns what removes them.
 */
export const makeUsers = (users: readonly TestUser[]): (() => void) => {
  const remove = () => users.forEach(removeUser)
  remove()
  try {
    users.forEach(makeUser)
  } catch (error) {
    remove()
    throw error
  }
  return remove
}

const makeUser = ({ name, password, shell = '/bin/sh', sudoers = [], bashrc }: TestUser): void => {
  execFileSync('useradd', ['--create-home', '--shell', shell, name])
  execFileSync('chpasswd', { input: `${name}:${password}\n` })
  if (bashrc !== undefined) writeFileSync(`/home/${name}/.bashrc`, bashrc)
  if (sudoers.length > 0)
    writeFileSync(
      sudoersFile(name),
      sudoers.map(line => `${line.replaceAll('USER', name)}\n`).join(''),
      { mode: 0o440 },
    )
}

const removeUser = ({ name }: TestUser): void => {
  rmSync(sudoersFile(name), { force: true })
  try {
    execFileSync('userdel', ['--force', '--remove', name], { stdio: 'ignore' })
  } catch {} // it was not there
}

const sudoersFile = (name: string): string => `/etc/sudoers.d/${name}`
