import { type ChildProcess, execFile, spawn } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Target } from '../../lib/transport/ssh/target.ts'

const run = promisify(execFile)
const program = '/usr/sbin/sshd'

export type SshdOptions = {
  /** Types of its host keys. Default ed25519 and ecdsa. */
  readonly hostKeys?: readonly string[]
  /** Lines of sshd_config that come first (the first value wins). */
  readonly config?: readonly string[]
  /** Address on the loopback network. Default 127.0.0.1. */
  readonly address?: string
}

/**
 * An OpenSSH server of our own on the loopback network, with its own host keys and one user key. It
 * does not touch the system's.
 */
export type Sshd = {
  readonly dir: string
  readonly address: string
  readonly port: number
  /** Private key that may log in as the user of the tests. */
  readonly userKey: string
  /** known_hosts with all its keys. */
  readonly knownHosts: string
  /** A target that reaches it with the right key. */
  readonly target: Target
  /** The public line (`ssh-ed25519 AAAA…`) of its host key of a type. */
  readonly publicKey: (type: string) => Promise<string>
  /** Process ids of its sessions. */
  readonly sessions: () => Promise<number[]>
  /** Ends it and its sessions, and removes its files. */
  readonly stop: () => Promise<void>
}

/** Why no sshd can be started here, or null. */
export const explainMissingSshd = (): string | null => {
  try {
    accessSync(program, constants.X_OK)
    return null
  } catch {
    return 'sshd not installed on this machine'
  }
}

/** Starts an sshd. Rejects with its log when it does not come up in ten seconds. */
export const startSshd = async ({
  hostKeys = ['ed25519', 'ecdsa'],
  config = [],
  address = '127.0.0.1',
}: SshdOptions = {}): Promise<Sshd> => {
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const dir = mkdtempSync(join(tmpdir(), 'brdtest-sshd-'))
  chmodSync(dir, 0o755) // sshd reads authorized_keys as the user who logs in
  const port = await findFreePort(address)
  for (const type of hostKeys) await generateKey(join(dir, `host_${type}`), type)
  const userKey = join(dir, 'user')
  await generateKey(userKey, 'ed25519')
  writeFileSync(join(dir, 'authorized_keys'), (await run('cat', [`${userKey}.pub`])).stdout)
  writeFileSync(
    join(dir, 'sshd_config'),
    [...config, ...(await defaults(dir, address, port, hostKeys))].join('\n') + '\n',
  )
  const child = spawn(program, ['-D', '-e', '-f', join(dir, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await listening(child, address, port)
  const publicKey = async (type: string) =>
    (await run('cat', [join(dir, `host_${type}.pub`)])).stdout
      .trim()
      .split(' ')
      .slice(0, 2)
      .join(' ')
  const knownHosts = join(dir, 'known_hosts')
  const lines = await Promise.all(
    hostKeys.map(async type => `[${address}]:${port} ${await publicKey(type)}\n`),
  )
  writeFileSync(knownHosts, lines.join(''))
  const sessions = () => children(child.pid ?? 0)
  const target = {
    host: 'web1',
    address,
    port,
    user: userInfo().username,
    identityFiles: [userKey],
    agent: null,
    knownHosts: [knownHosts],
  }
  return {
    dir,
    address,
    port,
    userKey,
    knownHosts,
    target,
    publicKey,
    sessions,
    stop: () => stop(child, dir),
  }
}

/** Makes a key pair, by default without a passphrase. */
export const generateKey = async (
  path: string,
  type = 'ed25519',
  passphrase = '',
): Promise<void> => {
  await run('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'brdtest', '-f', path])
}

/** A port that nothing listens on. */
export const findFreePort = (address = '127.0.0.1'): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, address, () => {
      const bound = server.address()
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0))
    })
  })

const defaults = async (
  dir: string,
  address: string,
  port: number,
  hostKeys: readonly string[],
): Promise<string[]> => [
  `ListenAddress ${address}`,
  `Port ${port}`,
  ...hostKeys.map(type => `HostKey ${join(dir, `host_${type}`)}`),
  `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
  'PidFile none',
  'StrictModes no',
  'UsePAM no',
  'PermitRootLogin yes',
  'PasswordAuthentication no',
  'KbdInteractiveAuthentication no',
  'PrintMotd no',
  'LogLevel VERBOSE',
  ...((await penalises()) ? ['PerSourcePenalties no'] : []),
]

/**
 * Since 9.8 sshd turns away an address that failed to log in: our refused logins all come from one.
 */
const penalises = async (): Promise<boolean> => {
  const { stdout, stderr } = await run('ssh', ['-V'])
  const [, major = '0', minor = '0'] = /OpenSSH_(\d+)\.(\d+)/.exec(stdout + stderr) ?? []
  return Number(major) > 9 || (Number(major) === 9 && Number(minor) >= 8)
}

const listening = async (child: ChildProcess, address: string, port: number): Promise<void> => {
  let log = ''
  child.stderr?.on('data', chunk => {
    log = (log + String(chunk)).slice(-4000)
  })
  for (
    const until = Date.now() + 10_000;
    Date.now() < until;
    await new Promise(resolve => setTimeout(resolve, 30))
  ) {
    if (child.exitCode !== null) break
    if (await answers(address, port)) return
  }
  child.kill('SIGKILL')
  throw new Error(`sshd did not start: ${log}`)
}

const answers = (address: string, port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/**
 * The sshd processes below one: a login of another user than root has two, of which the second one
 * holds the socket.
 */
const children = async (pid: number): Promise<number[]> => {
  const { stdout } = await run('ps', ['-o', 'pid=,comm=', '--ppid', String(pid)]).catch(() => ({
    stdout: '',
  }))
  const found = [...stdout.matchAll(/(\d+) sshd/g)].map(([, id]) => Number(id))
  return [...found, ...(await Promise.all(found.map(children))).flat()]
}

const stop = async (child: ChildProcess, dir: string): Promise<void> => {
  for (const pid of await children(child.pid ?? 0)) signal(pid, 'SIGTERM')
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  if (child.exitCode === null && child.signalCode === null) await gone
  rmSync(dir, { recursive: true, force: true })
}

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {} // it has ended
}
