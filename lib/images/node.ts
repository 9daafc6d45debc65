/** Docker on a node of the cluster, as it is asked and fed by ssh. */
import type { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { takeEnd } from '../errors/excerpt.ts'
import { type Sh, sh } from '../sh.ts'
import { type Connection, type Process, Unreachable } from '../transport/connection.ts'
import { encodeRound } from '../transport/root-shell.ts'
import type { Connector } from '../transport/session.ts'
import { type DockerImage, imageFormat, parseImageLine } from './client.ts'

/** Writes what a fragment reads, and ends it once it is whole. The signal gives it up. */
export type Feed = (stdin: Writable, signal: AbortSignal) => Promise<void>

/** A node, while it is connected. */
export type ImageNode = {
  readonly host: string
  /** The images of these names and ids; null: it has none of that name. */
  readonly look: (names: readonly string[]) => Promise<(DockerImage | null)[]>
  /** Loads what `docker save` gave; resolves with the id that this node calls it by. */
  readonly load: (feed: Feed) => Promise<string>
  /** The name is that of this image from now on. */
  readonly name: (id: string, ref: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Connects to a node. Rejects with Unreachable. Nothing that it does outlasts the signal. */
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

/** A line for each: the image, or the word absent. That Docker does not answer is no absence. */
export const buildLookup = (
  names: readonly string[],
): Sh => sh`command -v docker >/dev/null || { echo 'Docker is not installed' >&2; exit 3; }
for name in ${names}; do
  said=$(docker image inspect --format ${imageFormat} "$name" 2>&1) && printf '%s\n' "$said" && continue
  case $said in *[Nn]'o such image'*) echo absent ;; *) printf '%s\n' "$said" >&2; exit 3 ;; esac
done`

const parseImages = (printed: string): (DockerImage | null)[] =>
  printed
    .trim()
    .split('\n')
    .map(line => (line === 'absent' ? null : parseImageLine(line)))

/** The id in what `docker load` printed of an image that was saved without a name. */
export const parseLoadedId = (printed: string): string => {
  const id = /^Loaded image(?: ID)?: (sha256:[0-9a-f]{64})$/m.exec(printed)?.[1]
  if (id === undefined)
    throw new Error(`docker load has told no id: ${takeEnd(printed.trim(), 300)}`)
  return id
}

/**
 * Runs a fragment in a root shell of its own; what it printed. The shell is that of every run: it
 * is sent one round, whose script reads what is left of stdin, and ends.
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
  // A fragment that fails reads no further: what feeds it must not wait for it.
  const { code, signal: by } = await Promise.race([process.exit, fed.then(() => process.exit)])
  over.abort()
  await fed.catch(() => {}) // how the fragment ended says more
  if (code === null && by === null) throw new Unreachable(host, 'the link was lost')
  const [said, complained] = await texts
  if (code !== 0)
    throw new Error(`${host}: ${takeEnd(complained.trim(), 600) || `exit ${code ?? by}`}`)
  return said
}

/** Gives up at the signal: a silent link ends nothing. */
const raceSignal = async <T>(
  signal: AbortSignal,
  host: string,
  task: () => Promise<T>,
): Promise<T> => {
  let give = () => {}
  const over = new Promise<never>((_, reject) => {
    give = () =>
      reject(
        new Error(
          `${host}: ${signal.reason instanceof Error ? signal.reason.message : 'given up'}`,
        ),
      )
  })
  over.catch(() => {}) // nobody may be waiting any more
  signal.addEventListener('abort', give, { once: true })
  try {
    if (signal.aborted) give()
    return await Promise.race([over, task()])
  } finally {
    signal.removeEventListener('abort', give)
  }
}
