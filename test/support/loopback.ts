import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { skip } from '../../scripts/test/skip.ts'
import { explainMissingSshd, type Sshd, startSshd } from './sshd.ts'
import { explainMissingUsers, makeUsers, type TestUser } from './users.ts'

/**
 * Hosts of an inventory that are users of this machine, reached by a real sshd. Each has a home,
 * and a lease, of its own.
 */
export type Loopback = {
  /** Path of their hosts.yaml. */
  readonly inventory: string
  /** A folder that all of them may write to, and in it `shared`. */
  readonly folder: string
  readonly names: readonly string[]
  readonly sshd: Sshd
  /** Names in a folder of it; none where it is not there. */
  readonly list: (path: string) => string[]
  /** Empties the folder. */
  readonly clear: () => void
  /** Ends the sshd, and removes the users and the folder. */
  readonly stop: () => Promise<void>
}

/**
 * Hosts of these names, with these login shells (default /bin/sh); skips where this machine cannot
 * have them.
 */
export const startLoopback = async (
  names: readonly string[],
  shells: Readonly<Record<string, string>> = {},
): Promise<Loopback> => {
  const missing = explainMissingSshd() ?? explainMissingUsers([])
  if (missing) skip(missing)
  const remove = makeUsers(
    names.map(
      (name): TestUser => ({
        name: userOf(name),
        password: 'unused',
        ...(shells[name] ? { shell: shells[name] } : {}),
      }),
    ),
  )
  const sshd = await startSshd({
    config: names.map((_, i) => `ListenAddress ${addressOf(i)}`),
  }).catch(error => {
    remove()
    throw error
  })
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-loop-'))
  chmodSync(folder, 0o777)
  const clear = (): void => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
    mkdirSync(join(folder, 'shared'))
    chmodSync(join(folder, 'shared'), 0o777)
  }
  clear()
  return {
    inventory: await inventoryOf(names, sshd),
    folder,
    names,
    sshd,
    list: path => (existsSync(join(folder, path)) ? readdirSync(join(folder, path)).sort() : []),
    clear,
    stop: async () => {
      await sshd.stop()
      remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const inventoryOf = async (names: readonly string[], sshd: Sshd): Promise<string> => {
  const knownHosts = join(sshd.dir, 'known')
  const key = await sshd.publicKey('ed25519')
  writeFileSync(knownHosts, names.map((_, i) => `[${addressOf(i)}]:${sshd.port} ${key}\n`).join(''))
  const servers = names.map((name, i) => [
    name,
    { address: addressOf(i), port: sshd.port, user: userOf(name), sudo: false },
  ])
  const all = { identityFile: sshd.userKey, knownHosts }
  const path = join(sshd.dir, 'hosts.yaml')
  writeFileSync(
    path,
    JSON.stringify({ all, clusters: { loop: { servers: Object.fromEntries(servers) } } }, null, 1),
  )
  return path
}

const addressOf = (i: number): string => `127.0.1.${i + 1}`
const userOf = (name: string): TestUser['name'] => `brdtest-${process.pid}-${name}`
