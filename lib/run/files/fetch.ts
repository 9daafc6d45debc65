import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { writeWhole } from '../../disk/write-whole.ts'
import { sh } from '../../sh.ts'
import { readFromHost } from '../../transport/read-from-host.ts'
import type { Session } from '../../transport/session.ts'

/** Bytes that are read in one piece: the host holds them in memory twice. */
const MIB = 1024 * 1024
const PART = 8 * MIB

/** Bytes of a file that is read into memory. */
const MOST = 64 * MIB

/**
 * Reads a whole file of a host and verifies its hash. More than 64 MiB is an error: fetch it to a
 * file.
 */
export const readRemote = async (session: Session, path: string): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const part of readParts(session, path, MOST)) chunks.push(part)
  return Buffer.concat(chunks)
}

/**
 * Fetches a file of a host to this machine, whole or not at all, readable by its owner only. A
 * symlink on the host is followed.
 */
export const fetchTo = async (session: Session, path: string, to: string): Promise<void> => {
  const write = async (file: FileHandle): Promise<void> => {
    for await (const chunk of readParts(session, path)) await file.appendFile(chunk)
  }
  await writeWhole(to, write, 0o600)
}

/**
 * Reads a file in parts, in order. Throws at the end if their hash is not that of the whole: the
 * file was changed meanwhile.
 */
export async function* readParts(
  session: Session,
  path: string,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  const { bytes, hash } = await readFileInfo(session, path)
  if (bytes > most)
    throw new Error(
      `${session.host}: ${path} is ${bytes} bytes long, ` +
        `more than are read into memory (${most}): fetch it to a file`,
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
