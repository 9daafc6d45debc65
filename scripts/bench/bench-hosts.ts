/**
 * Where it is measured: private sshds on the loopback network, an inventory that names their
 * addresses as hosts, and folders of the hosts.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Path } from '../../lib/operations/file/entry.ts'
import { type Sshd, startSshd } from '../../test/support/sshd.ts'
import { delayServer, type Far, type Server } from './delayed-server.ts'
import { describeWorkload } from './workload.ts'

export type Ground = {
  readonly dir: string
  readonly servers: readonly Server[]
  /** The first server, 20 ms away. */
  readonly far: Server
  readonly identityFile: string
  readonly knownHosts: string
  readonly user: string
  /** Path of an inventory that has them all. */
  readonly inventory: string
  /**
   * Makes the folder of a host for one first and second run, with the settings file that W1 edits.
   */
  readonly home: (round: string, host: string) => Path
  /** Ends the sshds and removes all files. */
  readonly clear: () => Promise<void>
}

/** One sshd listens on 16 addresses at most (its MAX_LISTEN_SOCKS). */
const ADDRESSES = 16

/** So many addresses on as few sshds as can be, each of which takes all logins at the same time. */
export const openGround = async (count: number): Promise<Ground> => {
  const dir = mkdtempSync(join(tmpdir(), 'brd-bench-'))
  chmodSync(dir, 0o755)
  const started: Sshd[] = []
  let way: Far | undefined
  const clear = async () => {
    way?.close()
    await Promise.all(started.map(sshd => sshd.stop()))
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    for (const addresses of groupAddresses(count))
      started.push(await startOneSshd(addresses, dir, started[0]))
    const servers = started.flatMap((sshd, i) =>
      (groupAddresses(count)[i] ?? []).map(address => ({
        name: nameHost(address),
        address,
        port: sshd.port,
      })),
    )
    const [nearest] = servers
    if (!nearest) throw new Error('no address to measure on')
    way = await delayServer(nearest, 20)
    const knownHosts = join(dir, 'known_hosts')
    const keys = await Promise.all(started.map(sshd => sshd.publicKey('ed25519')))
    const lines = started.flatMap((sshd, i) =>
      (groupAddresses(count)[i] ?? []).map(address => `[${address}]:${sshd.port} ${keys[i]}\n`),
    )
    lines.push(`[${way.server.address}]:${way.server.port} ${keys[0]}\n`)
    writeFileSync(knownHosts, lines.join(''))
    const there = {
      dir,
      servers,
      far: way.server,
      identityFile: started[0]?.userKey ?? '',
      knownHosts,
      user: userInfo().username,
    }
    const path = join(dir, 'hosts.yaml')
    writeFileSync(path, renderBenchInventory({ ...there, servers: [...servers, way.server] }))
    return { ...there, inventory: path, home: makeHome(dir), clear }
  } catch (error) {
    await clear()
    throw error
  }
}

/** The addresses 127.0.1.1 and up, 250 of each 127.0.N, in groups that one sshd can listen on. */
export const groupAddresses = (count: number): string[][] => {
  const all = Array.from(
    { length: count },
    (_, i) => `127.0.${1 + Math.floor(i / 250)}.${(i % 250) + 1}`,
  )
  return Array.from({ length: Math.ceil(count / ADDRESSES) }, (_, i) =>
    all.slice(i * ADDRESSES, (i + 1) * ADDRESSES),
  )
}

const nameHost = (address: string): string => `host${address.split('.').slice(2).join('-')}`

const startOneSshd = (
  [address = '', ...more]: readonly string[],
  home: string,
  first: Sshd | undefined,
): Promise<Sshd> =>
  startSshd({
    address,
    hostKeys: ['ed25519'],
    config: [
      'LogLevel ERROR',
      'MaxStartups 200',
      'UseDNS no',
      'Subsystem sftp internal-sftp',
      // Bash reads ~/.bashrc for each command over ssh: keep the user's login files out of the
      // figures.
      `SetEnv HOME=${home}`,
      // One key opens them all.
      ...(first ? [`AuthorizedKeysFile ${join(first.dir, 'authorized_keys')}`] : []),
      ...more.map(it => `ListenAddress ${it}`),
    ],
  })

const makeHome =
  (dir: string) =>
  (round: string, host: string): Path => {
    const folder: Path = `${dir as Path}/${round}/${host}`
    mkdirSync(folder, { recursive: true })
    const { path, before } = describeWorkload(folder)
    writeFileSync(path, before)
    return folder
  }

/** The inventory of these servers, as somebody would write it. */
export const renderBenchInventory = ({
  servers,
  identityFile,
  knownHosts,
  user,
}: Pick<Ground, 'servers' | 'identityFile' | 'knownHosts' | 'user'>): string => `all:
  user: ${user}
  sudo: false
  identityFile: ${identityFile}
  knownHosts: ${knownHosts}
clusters:
  bench:
    servers:
${servers
  .map(({ name, address, port }) => `      ${name}: { address: ${address}, port: ${port} }`)
  .join('\n')}
`
