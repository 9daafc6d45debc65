/** Docker on a node of the cluster, as it is asked and fed by ssh. */
import type { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { tail } from '../errors/excerpt.ts'
import { type Sh, sh } from '../sh.ts'
import { type Connection, type Process, Unreachable } from '../transport/connection.ts'
import { encodeRound } from '../transport/root-shell.ts'
import type { Reach } from '../transport/session.ts'
import { format, type Image, imageOf } from './client.ts'

/** Writes what a fragment reads, and ends it once it is whole. The signal gives it up. */
export type Feed = (stdin: Writable, signal: AbortSignal) => Promise<void>

/** A node, while it is connected. */
export type Node = {
  readonly host: string
  /** The images of these names and ids; null: it has none of that name. */
  readonly look: (names: readonly string[]) => Promise<(Image | null)[]>
  /** Loads what `docker save` gave; resolves with the id that this node calls it by. */
  readonly load: (feed: Feed) => Promise<string>
  /** The name is that of this image from now on. */
  readonly name: (id: string, ref: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Connects to a node. Rejects with Unreachable. Nothing that it does outlasts the signal. */
export const nodeOf = async (reach: Reach, signal: AbortSignal): Promise<Node> => {
  const connection = await reach.connect(false, signal)
  const run = (fragment: Sh, feed?: Feed) => inRootShell(reach, connection, fragment, signal, feed)
  return {
    host: reach.host,
    look: async names => seen(await run(look(names))),
    load: async feed => loaded(await run(sh`docker load`, feed)),
    name: async (id, ref) => void (await run(sh`docker tag ${id} ${ref}`)),
    close: () => connection.close(),
  }
}

/** A line for each: the image, or the word absent. That Docker does not answer is no absence. */
export const look = (
  names: readonly string[],
): Sh => sh`command -v docker >/dev/null || { echo 'Docker is not installed' >&2; exit 3; }
for name in ${names}; do
  said=$(docker image inspect --format ${format} "$name" 2>&1) && printf '%s\n' "$said" && continue
  case $said in *[Nn]'o such image'*) echo absent ;; *) printf '%s\n' "$said" >&2; exit 3 ;; esac
done`

const seen = (printed: string): (Image | null)[] =>
  printed
    .trim()
    .split('\n')
    .map(line => (line === 'absent' ? null : imageOf(line)))

/** The id in what `docker load` printed of an image that was saved without a name. */
export const loaded = (printed: string): string => {
  const id = /^Loaded image(?: ID)?: (sha256:[0-9a-f]{64})$/m.exec(printed)?.[1]
  if (id === undefined) throw new Error(`docker load has told no id: ${tail(printed.trim(), 300)}`)
  return id
}

/**
 * Runs a fragment in a root shell of its own; what it printed. The shell is that of every run: it
 * is sent one round, whose script reads what is left of stdin, and ends.
 */
const inRootShell = async (
  reach: Reach,
  connection: Connection,
  fragment: Sh,
  signal: AbortSignal,
  feed: Feed = ended,
): Promise<string> => {
  const process = await reach.rootShell(connection)
  for (const chunk of encodeRound(sh`( ${fragment} ); exit`.text)) process.stdin.write(chunk)
  try {
    return await until(signal, reach.host, () => work(reach.host, process, feed, signal))
  } finally {
    process.close()
  }
}

const ended: Feed = async stdin => void stdin.end()

const work = async (
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
    throw new Error(`${host}: ${tail(complained.trim(), 600) || `exit ${code ?? by}`}`)
  return said
}

/** Gives up at the signal: a silent link ends nothing. */
const until = async <T>(signal: AbortSignal, host: string, task: () => Promise<T>): Promise<T> => {
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
