import type { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { takeEnd } from '../errors/excerpt.ts'
import { type Sh, sh } from '../sh.ts'
import { type Connection, type Process, Unreachable } from '../transport/connection.ts'
import { encodeRound } from '../transport/root-shell.ts'
import type { Connector } from '../transport/session.ts'
import { type DockerImage, imageFormat, parseImageLine } from './docker-client.ts'

/** Writes the stdin of a fragment and ends it when complete. The signal aborts it. */
export type Feed = (stdin: Writable, signal: AbortSignal) => Promise<void>

/** Docker on a connected node of the cluster. */
export type ImageNode = {
  readonly host: string
  /** Looks up images by name or id; null if the node lacks one. */
  readonly look: (names: readonly string[]) => Promise<(DockerImage | null)[]>
  /** Loads the output of `docker save`; returns the id of the image on this node. */
  readonly load: (feed: Feed) => Promise<string>
  /** Names an image; another image with this name loses it. */
  readonly name: (id: string, ref: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Connects to a node. Rejects with Unreachable. The signal stops everything on it. */
export const openNode = async (reach: Connector, signal: AbortSignal): Promise<ImageNode> => {
  const connection = await reach.connect(false, signal)
  const run = (fragment: Sh, feed?: Feed) =>
    runInRootShell(reach, connection, fragment, signal, feed)
  return {
    host: reach.host,
    look: async names => parseImages(await run(buildLookup(names))),
    load: async feed => parseLoadedId(await run(sh`docker load`, feed)),
    name: async (id, ref) => void (await run(sh`docker tag ${id} ${ref}`)),
    close: () => connection.close(),
  }
}

/** Builds the lookup of images: one line each, or `absent`. It fails if Docker does not answer. */
export const buildLookup = (
  names: readonly string[],
): Sh => sh`command -v docker >/dev/null || { echo 'Docker is not installed' >&2; exit 3; }
for name in ${names}; do
  if said=$(docker image inspect --format ${imageFormat} "$name" 2>&1); then
    printf '%s\n' "$said"
    continue
  fi
  case $said in *[Nn]'o such image'*) echo absent ;; *) printf '%s\n' "$said" >&2; exit 3 ;; esac
done`

const parseImages = (printed: string): (DockerImage | null)[] =>
  printed
    .trim()
    .split('\n')
    .map(line => (line === 'absent' ? null : parseImageLine(line)))

/** Finds the id in the output of `docker load`, for an image that was saved without a name. */
export const parseLoadedId = (printed: string): string => {
  const id = /^Loaded image(?: ID)?: (sha256:[0-9a-f]{64})$/m.exec(printed)?.[1]
  if (id === undefined)
    throw new Error(`docker load printed no id: ${takeEnd(printed.trim(), 300)}`)
  return id
}

/**
 * Runs a fragment in a separate root shell; returns its output. The shell gets a single round,
 * whose script reads the rest of stdin.
 */
const runInRootShell = async (
  reach: Connector,
  connection: Connection,
  fragment: Sh,
  signal: AbortSignal,
  feed: Feed = endInput,
): Promise<string> => {
  const process = await reach.rootShell(connection)
  for (const chunk of encodeRound(sh`( ${fragment} ); exit`.text)) process.stdin.write(chunk)
  try {
    return await raceSignal(signal, reach.host, () =>
      feedAndRead(reach.host, process, feed, signal),
    )
  } finally {
    process.close()
  }
}

const endInput: Feed = async stdin => void stdin.end()

const feedAndRead = async (
  host: string,
  process: Process,
  feed: Feed,
  signal: AbortSignal,
): Promise<string> => {
  const over = new AbortController()
  const texts = Promise.all([text(process.stdout), text(process.stderr)])
  const fed = feed(process.stdin, AbortSignal.any([signal, over.signal]))
  // A fragment that fails stops reading: its feed must not wait for it.
  const { code, signal: by } = await Promise.race([process.exit, fed.then(() => process.exit)])
  over.abort()
  await fed.catch(() => {}) // the result of the fragment says more
  if (code === null && by === null) throw new Unreachable(host, 'the link was lost')
  const [said, complained] = await texts
  if (code !== 0)
    throw new Error(`${host}: ${takeEnd(complained.trim(), 600) || `exit ${code ?? by}`}`)
  return said
}

/** Rejects at the signal: a silent connection would never end the task. */
const raceSignal = async <T>(
  signal: AbortSignal,
  host: string,
  task: () => Promise<T>,
): Promise<T> => {
  let give = () => {}
  const over = new Promise<never>((_, reject) => {
    give = () =>
      reject(
        new Error(`${host}: ${signal.reason instanceof Error ? signal.reason.message : 'aborted'}`),
      )
  })
  over.catch(() => {}) // the task may have ended before
  signal.addEventListener('abort', give, { once: true })
  try {
    if (signal.aborted) give()
    return await Promise.race([over, task()])
  } finally {
    signal.removeEventListener('abort', give)
  }
}
