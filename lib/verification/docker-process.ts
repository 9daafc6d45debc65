import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

/** How a command of Docker's client ended. */
export type Ended = {
  /** Null: its time was over, and it was killed. */
  readonly exitCode: number | null
  readonly stdout: string
  /** The end of it: 64 KiB at most. */
  readonly stderr: string
}

/** Where Docker's client is, and which engine it asks. */
export type DockerCommand = {
  /** Default: `docker`. */
  readonly words?: readonly string[]
  /** Added to its environment, such as DOCKER_HOST. Default: nothing. */
  readonly env?: Readonly<Record<string, string>>
}

const MOST = 64 * 1024

/** Starts a command of Docker's client; its stdin stays open. */
export const startDocker = (
  { words = ['docker'], env = {} }: DockerCommand,
  args: readonly string[],
): ChildProcessWithoutNullStreams => {
  const [program = 'docker', ...first] = words
  const child = spawn(program, [...first, ...args], { env: { ...process.env, ...env } })
  // That it ended shows in its exit code.
  child.stdin.on('error', () => {})
  return child
}

/**
 * Waits until a command has ended, for `seconds` at most. Rejects if it cannot be started. Stdout
 * is kept whole.
 */
export const awaitDocker = (
  child: ChildProcessWithoutNullStreams,
  seconds: number,
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let stderr = ''
    let isLate = false
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-MOST)
    })
    const limit = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
    }, seconds * 1000)
    child.on('error', error => {
      clearTimeout(limit)
      reject(error)
    })
    child.on('close', code => {
      clearTimeout(limit)
      resolve({
        exitCode: isLate ? null : (code ?? 137),
        stdout: Buffer.concat(chunks).toString(),
        stderr,
      })
    })
  })

/** Runs a command of Docker's client with this stdin. */
export const askDocker = (
  docker: DockerCommand,
  args: readonly string[],
  { input = '', seconds = 60 }: { input?: string; seconds?: number } = {},
): Promise<Ended> => {
  const child = startDocker(docker, args)
  const ended = awaitDocker(child, seconds)
  child.stdin.end(input)
  return ended
}
