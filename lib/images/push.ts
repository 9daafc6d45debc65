import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Secret } from '../secret.ts'
import { type DockerClient, runDocker } from './client.ts'

/** Who logs in to a registry. */
export type RegistryLogin = {
  readonly address: string
  readonly user: string
  readonly password: Secret
}

/** Seconds that an image may take to be sent. */
const PUSH = 60 * 60

/**
 * The registry has the image under its name; resolves with the digest that it serves it under.
 * Without a login the user's own is used, where there is one.
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
    throw new Error(`${ref}: the registry has told no digest: ${said.trim().slice(-300)}`)
  return digest
}

/** The digest in what `docker push` printed, or null. */
export const findDigest = (said: string): string | null =>
  /^.*\bdigest: (sha256:[0-9a-f]{64})\b/m.exec(said)?.[1] ?? null

/**
 * Does something with a login that is in a folder of its own, which only this user may read and
 * which is gone afterwards. The user's own logins are left alone.
 */
export const withLogin = async <T>(
  client: DockerClient,
  { address, user, password }: RegistryLogin,
  work: (client: DockerClient) => Promise<T>,
): Promise<T> => {
  // In memory where there is such a place. A folder made so has mode 700.
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

/** Another folder of settings has no context: the engine that the user's own names is named. */
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
