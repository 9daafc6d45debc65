import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { skip } from '../../lib/testing/skip.ts'
import { noSshd, startSshd } from './sshd.ts'
import { makeUsers, noUsers, type TestUser } from './users.ts'

/** Hosts of an inventory that are users of this machine, reached by a real sshd. Each has a home, and a lease, of its own. */
export type Loopback = {
  /** Path of their hosts.yaml. */
  readonly inventory: string
  /** A folder that all of them may write to. */
  readonly folder: string
  readonly names: readonly string[]
  /** Text of a file of the folder; empty where there is none. */
  readonly read: (path: string) => string
  /** Ends the sshd, and removes the users and the folder. */
  readonly stop: () => Promise<void>
}

export type LoopbackOptions = {
  /** Login shells, by host; default /bin/sh. */
  readonly shells?: Readonly<Record<string, string>>
  /** Hosts that nobody answers for. */
  readonly down?: readonly string[]
}

/** Hosts of these names; skips where this machine cannot have them. */
export const loopback = async (names: readonly string[], { shells = {}, down = [] }: LoopbackOptions = {}): Promise<Loopback> => {
  const missing = noSshd() ?? noUsers()
  if (missing) skip(missing)
  const users = names.map(
    (name): TestUser => ({ name: userOf(name), password: 'unused', ...(shells[name] ? { shell: shells[name] } : {}) }),
  )
  const remove = makeUsers(users)
  const sshd = await startSshd().catch(error => {
    remove()
    throw error
  })
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-loop-'))
  chmodSync(folder, 0o777)
  const inventory = join(sshd.dir, 'hosts.yaml')
  const address = (name: string) => ({ address: '127.0.0.1', port: down.includes(name) ? 1 : sshd.port })
  const servers = Object.fromEntries(names.map(name => [name, { ...address(name), user: userOf(name), sudo: false }]))
  const all = {
    identityFile: sshd.userKey,
    knownHosts: sshd.knownHosts,
    acme: { email: 'a@b.example' },
    images,
    firewall: { admin: ['127.0.0.0/8'] },
  }
  writeFileSync(inventory, JSON.stringify({ all, clusters: { loop: { domain: 'loop.example', servers } } }, null, 1))
  mkdirSync(join(folder, 'shared'), { mode: 0o777 })
  return {
    inventory,
    folder,
    names,
    read: path => text(join(folder, path)),
    stop: async () => {
      await sshd.stop()
      remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const userOf = (name: string): TestUser['name'] => `brdtest-${process.pid}-${name}`
const images = Object.fromEntries(['traefik', 'portainer', 'agent', 'loki', 'alloy', 'grafana'].map(name => [name, `${name}:1`]))
const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
