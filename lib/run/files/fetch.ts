import { createHash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sh } from '../../sh.ts'
import { readFromHost } from '../../transport/read.ts'
import type { Session } from '../../transport/session.ts'

/** Bytes that are asked for at once: the host holds them in memory twice. */
const MIB = 1024 * 1024
const PART = 8 * MIB

/** Bytes of a file that is read into memory. */
const MOST = 64 * MIB

/**
 * The content of a file on a host, whole: proven by its hash. Longer than 64 MiB is an error: fetch
 * it to a file.
 */
export const readRemote = async (session: Session, path: string): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const part of readParts(session, path, MOST)) chunks.push(part)
  return Buffer.concat(chunks)
}

/**
 * A file of a host is on this machine, whole or not at all, readable by its owner alone. A symlink
 * on the host is followed.
 */
export const fetchTo = async (session: Session, path: string, to: string): Promise<void> => {
  const part = `${to}.part`
  const file = await open(part, 'w', 0o600)
  try {
    for await (const chunk of readParts(session, path)) await file.appendFile(chunk)
    await file.sync()
    await file.close()
    await rename(part, to)
  } catch (error) {
    await file.close().catch(() => {}) // closed before
    await rm(part, { force: true })
    throw error
  }
  const folder = await open(dirname(to), 'r')
  await folder.sync().finally(() => folder.close())
}

/**
 * The content of a file in parts, in order. Throws at the end where they are not what the host said
 * of the whole: it was changed meanwhile.
 */
export async function* readParts(
  session: Session,
  path: string,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  const { bytes, hash } = await readFileInfo(session, path)
  if (bytes > most)
    throw new Error(
      `${session.host}: ${path} is ${bytes} bytes long, more than are read into memory (${most}): fetch it to a file`,
    )
  const proof = createHash('sha256')
  for (let at = 0; at < bytes; at += PART) {
    const part = await readFromHost(
      session,
      path,
      sh`dd if=${path} bs=${MIB} skip=${at / MIB} count=${PART / MIB} 2>/dev/null`,
    )
    proof.update(part)
    yield part
  }
  if (proof.digest('hex') !== hash)
    throw new Error(`${session.host}: ${path} was changed while it was fetched: fetch it again`)
}

const readFileInfo = async (
  session: Session,
  path: string,
): Promise<{ readonly bytes: number; readonly hash: string }> => {
  const printed = await readFromHost(
    session,
    path,
    sh`[ -f ${path} ] || { echo ${`no such file: ${path}`} >&2; exit 1; }
wc -c <${path} && sha256sum <${path}`,
    600,
  )
  const [, bytes, hash] = /^\s*(\d+)\s+([0-9a-f]{64}) /.exec(printed.toString()) ?? []
  if (bytes === undefined || hash === undefined)
    throw new Error(`${session.host}: ${path}: its length and hash could not be read`)
  return { bytes: Number(bytes), hash }
}
