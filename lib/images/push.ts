import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Secret } from '../secret.ts'
import { type DockerClient, runDocker } from './docker-client.ts'

/** A login to a registry. */
export type RegistryLogin = {
  readonly address: string
  readonly user: string
  readonly password: Secret
}

/** Time limit of a push, in seconds. */
const PUSH = 60 * 60

/**
 * Pushes an image to its registry; returns its digest there. Without a login, the user's own is
 * used if there is one.
 */
export const pushImage = async (
  client: DockerClient,
  ref: string,
  login: RegistryLogin | null,
): Promise<string> => {
  const send = (it: DockerClient) => runDocker(it, ['push', ref], { seconds: PUSH })
  const said = login ? await withLogin(client, login, send) : await send(client)
  const digest = findDigest(said)
  if (digest === null)
    throw new Error(`${ref}: the registry returned no digest: ${said.trim().slice(-300)}`)
  return digest
}

/** Finds the digest in the output of `docker push`; null if it has none. */
export const findDigest = (said: string): string | null =>
  /^.*\bdigest: (sha256:[0-9a-f]{64})\b/m.exec(said)?.[1] ?? null

/**
 * Runs the work with a login in a temporary folder that only this user can read. The user's own
 * logins stay unchanged.
 */
export const withLogin = async <T>(
  client: DockerClient,
  { address, user, password }: RegistryLogin,
  work: (client: DockerClient) => Promise<T>,
): Promise<T> => {
  // In memory if the system has such a folder. mkdtemp creates it with mode 700.
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'brd-login-'))
  try {
    const own = {
      ...client,
      env: { ...client.env, ...(await readEndpoint(client)), DOCKER_CONFIG: folder },
    }
    await runDocker(own, ['login', '--username', user, '--password-stdin', address], {
      input: password.reveal(),
    }).catch((cause: Error) => {
      throw new Error(
        `${address} refuses ${user} with the secret ${password.name}: ${cause.message}`,
        { cause },
      )
    })
    return await work(own)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Reads the user's engine: a new settings folder has no context that would name it. */
const readEndpoint = async (client: DockerClient): Promise<Record<string, string>> => {
  if (process.env['DOCKER_HOST'] || client.words.includes('--host')) return {}
  const host = await runDocker(client, [
    'context',
    'inspect',
    '--format',
    '{{.Endpoints.docker.Host}}',
  ])
  return { DOCKER_HOST: host.trim() }
}
