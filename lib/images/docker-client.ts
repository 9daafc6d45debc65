/** Docker on this machine, which builds and sends images. */
import { runLocal } from './local-command.ts'

/** A command of Docker's client: its words and environment. */
export type DockerClient = {
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Stops its commands. */
  readonly signal?: AbortSignal
}

type Options = {
  /** What the command reads on stdin. Default: nothing. */
  readonly input?: string
  /** Default 60. */
  readonly seconds?: number
  /** Added to its environment. Default: nothing. */
  readonly env?: Readonly<Record<string, string>>
  /** Shows its output on stderr as it arrives. Default: it is returned. */
  readonly shown?: boolean
}

/**
 * Opens the Docker client of this machine, or the one that `words` and `env` describe. Rejects if
 * no engine answers.
 */
export const openClient = async (
  { words = ['docker'], env = {} }: Partial<Pick<DockerClient, 'words' | 'env'>> = {},
  signal?: AbortSignal,
): Promise<DockerClient> => {
  const client = { words, env, ...(signal ? { signal } : {}) }
  await runDocker(client, ['version', '--format', '{{.Server.Version}}'], { seconds: 20 }).catch(
    (cause: Error) => {
      throw new Error(`no Docker engine answers on this machine: ${cause.message}`, { cause })
    },
  )
  return client
}

/** Runs a command of Docker's client; returns its output. Rejects with what it printed. */
export const runDocker = (
  { words, env, signal }: DockerClient,
  args: readonly string[],
  { input, seconds = 60, env: more, shown }: Options = {},
): Promise<string> =>
  runLocal([...words, ...args], {
    timeout: seconds * 1000,
    env: { ...env, ...more },
    ...(input === undefined ? {} : { input }),
    ...(shown ? { shown } : {}),
    ...(signal ? { signal } : {}),
  })

/** An image of an engine. */
export type DockerImage = {
  /** Its id, `sha256:…`. Engines that store images differently have different ids for one image. */
  readonly id: string
  /** Equal on every engine that has the complete image: its creation time and its layers. */
  readonly print: string
  /** Bytes, unpacked. */
  readonly size: number
}

/** The format of `docker image inspect`, for parseImageLine. */
export const imageFormat = '{{.Id}} {{.Size}} {{.Created}} {{json .RootFS.Layers}}'

/** Parses a line of imageFormat. Throws if it is anything else. */
export const parseImageLine = (line: string): DockerImage => {
  const [, id, size, print] = /^(sha256:[0-9a-f]{64}) (\d+) (\S+ \[.*\])$/.exec(line.trim()) ?? []
  if (id === undefined || print === undefined)
    throw new Error(`Docker printed no image: ${line.trim().slice(0, 200)}`)
  return { id, size: Number(size), print }
}

/** Inspects an image on this machine, by name or id. Rejects if it does not exist. */
export const inspectImage = async (client: DockerClient, name: string): Promise<DockerImage> =>
  parseImageLine(await runDocker(client, ['image', 'inspect', '--format', imageFormat, name]))
