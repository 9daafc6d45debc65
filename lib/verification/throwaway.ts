import { randomBytes } from 'node:crypto'
import type { Secret } from '../secret.ts'
import { Finding } from './checks.ts'
import {
  askDocker,
  awaitDocker,
  type DockerCommand,
  type Ended,
  startDocker,
} from './docker-process.ts'

/** The label of every container and volume of a verification; its value names the run. */
export const LABEL = 'brd.verify'

/** What a throwaway is made of. */
export type ThrowawayOptions = {
  readonly docker: DockerCommand
  /** The image of its container, and of those beside it. */
  readonly image: string
  /** Names the run, for the label. */
  readonly run: string
  /** Folders of anonymous volumes, which go with the container. */
  readonly folders: readonly `/${string}`[]
  /** The user of its commands. */
  readonly user: string
  /** The network of the containers beside it, which fetch. Default: Docker's own bridge. */
  readonly network?: string
  /** Memory that a container may take, as Docker writes it. Default 1g. */
  readonly memory?: string
  /** How long it may take until it is there; its image may be pulled first. Default 900. */
  readonly seconds?: number
}

/** A script, and what it is given. */
export type ThrowawayScript = {
  /** Text of `sh`, run with `-eu`. */
  readonly script: string
  /** Its arguments, `$1` and so on. Never a secret. Default: none. */
  readonly args?: readonly string[]
  /** How long it may take. Default 60. */
  readonly seconds?: number
}

/**
 * A container without a network, with separate volumes, for data that are thrown away. All of it
 * goes when this process ends, however it ends: the container lives by a pipe from here.
 */
export type Throwaway = {
  readonly name: string
  /** Runs a script inside, with this stdin. Throws a Finding if Docker does not run it whole. */
  readonly run: (script: ThrowawayScript & { readonly input?: string }) => Promise<Ended>
  /**
   * Runs a script in a second container that sees the same files and has a network. Each secret is
   * a file in memory, `/dev/shm/NAME`. It ends with this process too. Throws as `run` does.
   */
  readonly fetch: (
    script: ThrowawayScript & { readonly secrets: Readonly<Record<string, Secret>> },
  ) => Promise<Ended>
  /** The container and its volumes are gone. */
  readonly end: () => Promise<void>
}

/** Opens a throwaway. Rejects with what Docker says if it cannot be made. */
export const openThrowaway = async (options: ThrowawayOptions): Promise<Throwaway> => {
  const { docker, image, run, folders, user, network, memory = '1g', seconds = 900 } = options
  const name = `brd-verify-${run}-${randomBytes(4).toString('hex')}`
  const common = ['--rm', '--interactive', '--label', `${LABEL}=${run}`, '--memory', memory]
  const holder = startDocker(docker, [
    'run',
    ...common,
    ...['--name', name, '--network', 'none', '--user', 'root', '--entrypoint', 'sh'],
    ...folders.flatMap(folder => ['--volume', folder]),
    image,
    '-c',
    holdScript,
    'sh',
    user,
    ...folders,
  ])
  const ended = awaitDocker(holder, 7 * 24 * 3600)
  await awaitReady(holder, ended, seconds)
  return {
    name,
    run: async ({ script, args = [], seconds = 60, input = '' }) =>
      refuseEngine(
        await askDocker(
          docker,
          ['exec', '--interactive', '--user', user, name, 'sh', '-euc', script, 'sh', ...args],
          { input, seconds },
        ),
      ),
    fetch: async ({ script, args = [], seconds = 60, secrets }) => {
      const child = startDocker(docker, [
        'run',
        ...common,
        ...(network ? ['--network', network] : []),
        ...['--volumes-from', name, '--user', user, '--env', 'HOME=/dev/shm', '--env', 'TZ=UTC'],
        ...['--entrypoint', 'sh', image, '-euc', fetchScript, 'sh'],
        ...[String(Object.keys(secrets).length), script, ...args],
      ])
      for (const [file, secret] of Object.entries(secrets))
        child.stdin.write(`${file} ${Buffer.from(secret.reveal()).toString('base64')}\n`)
      // Its stdin stays open: its end is the end of this process.
      return refuseEngine(await awaitDocker(child, seconds))
    },
    end: async () => {
      holder.stdin.end()
      await Promise.race([ended, askDocker(docker, ['rm', '--force', '--volumes', name])])
      // An engine that hangs would keep its client.
      holder.kill('SIGKILL')
      await ended
    },
  }
}

/** Docker's own failures say nothing of the backup, whatever a script's exit code means. */
const refuseEngine = (ended: Ended): Ended => {
  const { exitCode, stderr } = ended
  const words =
    /^.*(?:Cannot connect to the Docker daemon|error during connect|Error response from daemon).*$/m
  const [said] = words.exec(stderr) ?? []
  if (said !== undefined && exitCode !== 0)
    throw new Finding('unverified', `Docker: ${said.trim().slice(0, 300)}`)
  if (exitCode === 137)
    throw new Finding('unverified', 'its process was killed: the memory may be too small')
  return ended
}

const awaitReady = (
  holder: ReturnType<typeof startDocker>,
  ended: Promise<Ended>,
  seconds: number,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      holder.kill('SIGKILL')
      reject(new Error(`Docker did not start a container within ${seconds} s`))
    }, seconds * 1000)
    ended.finally(() => clearTimeout(limit)).catch(() => {})
    holder.stdout.on('data', (chunk: Buffer) => {
      if (!chunk.toString().includes('ready')) return
      clearTimeout(limit)
      resolve()
    })
    ended.then(
      ({ stderr, exitCode }) =>
        reject(new Error(`the container did not start: ${stderr.trim() || `exit ${exitCode}`}`)),
      reject,
    )
  })

// The volumes belong to the user of the scripts.
const holdScript = `user=$1; shift
chown "$user" "$@" && install -d -o "$user" /run/mysqld && echo ready && exec cat >/dev/null`

// The secrets come first, one a line. The work ends if stdin does.
const fetchScript = `umask 077
left=$1 script=$2; shift 2
while [ "$left" -gt 0 ]; do
  read -r file text
  printf '%s' "$text" | base64 -d >"/dev/shm/$file"
  left=$((left - 1))
done
exec 3<&0
sh -euc "$script" sh "$@" </dev/null 3<&- & work=$!
{ cat <&3 >/dev/null || :; kill -KILL "$work"; } 2>/dev/null & watch=$!
code=0; wait "$work" || code=$?
kill "$watch" 2>/dev/null || :
exit "$code"`

/**
 * Removes the containers of verifications whose run no longer lives, with their volumes. Returns
 * their names. Rejects if Docker does not answer.
 */
export const removeLeftovers = async (
  docker: DockerCommand,
  isLive: (run: string) => boolean,
): Promise<string[]> => {
  const listed = await askDocker(docker, [
    ...['ps', '--all', '--filter', `label=${LABEL}`],
    ...['--format', `{{.Names}} {{.Label "${LABEL}"}}`],
  ])
  if (listed.exitCode !== 0) throw new Error(`docker ps: ${listed.stderr.trim()}`)
  const dead = listed.stdout
    .split('\n')
    .map(line => line.split(' '))
    .filter(([name = '', run = '']) => name !== '' && !isLive(run))
    .map(([name = '']) => name)
  if (dead.length > 0) await askDocker(docker, ['rm', '--force', '--volumes', ...dead])
  return dead
}
