/**
 * The Docker engine that carries the lab: the user's own where one answers, else one of the lab's,
 * on its own socket.
 */
import { type DockerClient, openClient } from '../../lib/images/docker-client.ts'
import { runLocal, tryLocal } from '../../lib/images/local-command.ts'
import type { LabDocker } from './images/types.ts'
import * as own from './own-engine.ts'

export type { LabDocker } from './images/types.ts'

/**
 * Milliseconds that a Docker command may take when its caller sets no bound: image builds are the
 * longest.
 */
const LONGEST = 20 * 60_000

/**
 * Docker on this machine that answers, found or started; the lab's own engine is preferred while it
 * runs.
 */
export const findEngine = async (): Promise<LabDocker> => {
  const found = await findAnsweringEngine()
  if (found) return found
  await own.startEngine()
  const started = await connect(own.formatEngineHost())
  if (!started)
    throw new Error(
      `no Docker client here speaks to the lab's engine: apt-get install docker.io, then again`,
    )
  return started
}

/** The engine that answers now, or null: nothing is started. */
export const findAnsweringEngine = async (): Promise<LabDocker | null> => {
  const words = await findClient()
  return words && bindDocker(words)
}

/**
 * The words that start Docker's client on the engine that answers now, or null: for what is
 * streamed to it or from it.
 */
export const findClient = async (): Promise<readonly string[] | null> => {
  const mine = await findReachingClient(own.formatEngineHost())
  if (mine || own.isChosen()) return mine
  return await findReachingClient(null)
}

/**
 * The client of the lab's engine, for builds and transfers. The engine has the classic builder
 * only. Rejects with the way out if the engine does not answer.
 */
export const openImageClient = async (signal?: AbortSignal): Promise<DockerClient> => {
  const words = await findClient()
  if (!words) throw new Error("the lab's Docker engine does not answer: npx zx scripts/lab.ts up")
  return openClient({ words, env: { DOCKER_BUILDKIT: '0' } }, signal)
}

/** True when the lab lives in an engine that it did not start itself. */
export const isUsersEngine = async (): Promise<boolean> =>
  (await connect(own.formatEngineHost())) === null && (await findAnsweringEngine()) !== null

// Debian's client matches Debian's engine; another build on the PATH may be too new for it, so each
// is asked.
const clients = ['/usr/bin/docker', 'docker']

const findReachingClient = async (host: string | null): Promise<readonly string[] | null> => {
  for (const client of clients) {
    const argv = host ? [client, '--host', host] : [client]
    if (
      await tryLocal([...argv, 'version', '--format', '{{.Server.Version}}'], { timeout: 10_000 })
    )
      return argv
  }
  return null
}

const connect = async (host: string | null): Promise<LabDocker | null> => {
  const words = await findReachingClient(host)
  return words && bindDocker(words)
}

// The classic builder: it is in every engine, Debian's has no other.
const bindDocker =
  (argv: readonly string[]): LabDocker =>
  (args, { timeout = LONGEST, ...options } = {}) =>
    runLocal([...argv, ...args], { ...options, timeout, env: { DOCKER_BUILDKIT: '0' } })
