/** Docker on this machine: what builds images, and sends them out. */
import { runLocal } from './local-command.ts'

/** Docker's client, as words and an environment. */
export type DockerClient = {
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Ends what it does. */
  readonly signal?: AbortSignal
}

type Options = {
  /** What the command reads on stdin. Default: nothing. */
  readonly input?: string
  /** Default 60. */
  readonly seconds?: number
  /** Added to its environment. Default: nothing. */
  readonly env?: Readonly<Record<string, string>>
  /** What it says goes to stderr as it comes. Default: it is kept. */
  readonly shown?: boolean
}

/**
 * The Docker client of this machine, or the one that `words` and `env` describe. Rejects with the
 * way out if no engine answers.
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

/** Runs a command of Docker's client; what it printed. Rejects with what it said. */
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
  /**
   * As the engine calls it: `sha256:…`. Engines that keep images in another way call the same image
   * otherwise.
   */
  readonly id: string
  /** The same in every engine that has the whole of it: when it was made, and its layers. */
  readonly print: string
  /** Bytes, unpacked. */
  readonly size: number
}

/** What Docker tells of an image: `imageOf` reads it. */
export const imageFormat = '{{.Id}} {{.Size}} {{.Created}} {{json .RootFS.Layers}}'

/** Reads a line of `format`. Throws where it is none. */
export const parseImageLine = (line: string): DockerImage => {
  const [, id, size, print] = /^(sha256:[0-9a-f]{64}) (\d+) (\S+ \[.*\])$/.exec(line.trim()) ?? []
  if (id === undefined || print === undefined)
    throw new Error(`Docker tells nothing of an image here: ${line.trim().slice(0, 200)}`)
  return { id, size: Number(size), print }
}

/** The image of that name or id on this machine. Rejects where there is none. */
export const inspectImage = async (client: DockerClient, name: string): Promise<DockerImage> =>
  parseImageLine(await runDocker(client, ['image', 'inspect', '--format', imageFormat, name]))
