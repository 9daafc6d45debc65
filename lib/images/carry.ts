import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { DockerClient, DockerImage } from './docker-client.ts'
import type { ImageNode } from './image-node.ts'

export type CarryResult = {
  /** Its id on the node. */
  readonly id: string
  /** The state before: absent and sent, without its name, or complete. */
  readonly was: 'absent' | 'unnamed' | 'there'
}

/** Finds an image on a node; null if the node lacks it. */
export const findOnNode = async (
  node: ImageNode,
  image: DockerImage,
  ref: string,
): Promise<CarryResult | null> => {
  const [named, byId] = await node.look([ref, image.id])
  if (named?.print === image.print) return { id: named.id, was: 'there' }
  return byId?.print === image.print ? { id: byId.id, was: 'unnamed' } : null
}

/**
 * Copies an image to a node and names it. It is sent by its id and named only after it is verified:
 * an incomplete copy has no name, and the image that had the name before keeps it.
 */
export const carryImage = async (
  client: DockerClient,
  node: ImageNode,
  image: DockerImage,
  ref: string,
  moved: (bytes: number) => void,
): Promise<CarryResult> => {
  const found = await findOnNode(node, image, ref)
  if (found?.was === 'there') return found
  const id =
    found?.id ??
    (await node.load((stdin, signal) => saveImage(client, image.id, stdin, signal, moved)))
  const [there] = await node.look([id])
  if (there?.print !== image.print)
    throw new Error(
      `${node.host}: the loaded image is not ${ref}, so it was not named. Run this again`,
    )
  await node.name(id, ref)
  return { id, was: found?.was ?? 'absent' }
}

/**
 * Writes an image, compressed, and ends the stream once all of it is written. If saving fails, the
 * end of the compressed stream is never written, so that no reader accepts it as complete.
 */
export const saveImage = async (
  { words, env }: DockerClient,
  id: string,
  to: Writable,
  signal: AbortSignal,
  moved: (bytes: number) => void,
): Promise<void> => {
  const [command = '', ...rest] = words
  const child = spawn(command, [...rest, 'save', id], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  let said = ''
  child.stderr.on('data', chunk => {
    said += String(chunk)
  })
  const exit = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  )
  exit.catch(() => {}) // awaited below
  // Fast rather than small: the link and the node are slower than this.
  const gzip = createGzip({ level: 1 })
  gzip.pipe(to, { end: false })
  let bytes = 0
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    if (!gzip.write(chunk)) await once(gzip, 'drain', { signal })
    bytes += chunk.length
    moved(bytes)
  }
  if ((await exit) !== 0) throw new Error(`docker save: ${said.trim()}`)
  const all = once(gzip, 'end', { signal })
  gzip.end()
  await all
  to.end()
}
