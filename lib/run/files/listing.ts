import { Unknown } from '../../operation.ts'
import { type Excludes, type PlacedItem, TOP } from '../../operations/tree/source.ts'
import { type FoundEntry, printState, readState } from '../../operations/tree/state.ts'
import { type Sh, sh } from '../../sh.ts'
import { Unreachable } from '../../transport/connection.ts'
import { readFromHost } from '../../transport/read-from-host.ts'
import type { Session } from '../../transport/session.ts'
import { listNames, verifyListing } from './untrusted.ts'

/**
 * All that is in a folder of a host, the folder itself first, parents before what is in them. The
 * content of a file is what is `held` of it when it is asked for.
 */
export const listFolder = async (
  { session, path }: { readonly session: Session; readonly path: string },
  excluded: Excludes,
  held: ReadonlyMap<string, Buffer>,
): Promise<readonly PlacedItem[]> => {
  try {
    const printed = await readFromHost(session, path, NAMES(path), 120)
    const paths = listNames(printed).filter(name => !excluded(name))
    const bare = [TOP, ...paths.map(name => ({ ...TOP, path: name }))]
    const state = readState(
      {
        exitCode: 0,
        stdout: await readFromHost(session, path, printState(path, bare, false), 600),
        stderr: '',
      },
      bare,
    )
    if (state instanceof Unknown) throw new Error(state.why)
    const times = await readFromHost(session, path, TIMES(path, paths), 120)
    const mtimes = ['0', ...times.toString().split('\n')].map(Number)
    return verifyListing(
      [state.top, ...state.found].map((found, i) =>
        placeItem(paths[i - 1] ?? TOP.path, found, mtimes[i] ?? 0, held),
      ),
    )
  } catch (error) {
    if (
      error instanceof Unreachable ||
      (error instanceof Error && error.message.startsWith(`${session.host}: `))
    )
      throw error
    throw new Error(`${session.host}: ${path}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
}

const NAMES = (
  path: string,
): Sh => sh`[ -d ${path} ] && [ ! -h ${path} ] || { echo ${`no such folder: ${path}`} >&2; exit 1; }
cd -P ${path} && find . -xdev ! -name . -print0`

/** Prints when each was last written to, in seconds since 1970. */
const TIMES = (path: string, paths: readonly string[]): Sh =>
  sh`cd -P ${path} && set -- ${paths.map(name => `./${name}`)} &&
for f; do printf '%s\0' "$f"; done | xargs -0 -r stat -c %Y`

const placeItem = (
  path: string,
  found: FoundEntry | null,
  mtime: number,
  held: ReadonlyMap<string, Buffer>,
): PlacedItem => {
  if (!found) throw new Error(`${path} went away while the folder was listed: run it again`)
  const named = (name: string, id: string) => (name === 'UNKNOWN' ? id : name)
  const rest = {
    path,
    mtime,
    mode: found.mode,
    owner: named(found.owner, found.uid),
    group: named(found.group, found.gid),
  }
  if (found.type === 'directory') return { ...rest, type: 'directory' }
  if (found.type === 'symlink')
    return { ...rest, type: 'symlink', mode: null, target: found.target ?? '' }
  if (found.type !== 'file')
    throw new Error(`${path} is neither a file, a folder nor a symlink: exclude it`)
  const content = (): Buffer => {
    const is = held.get(path)
    if (!is) throw new Error(`${path} was changed on its way: run it again`)
    return is
  }
  return {
    ...rest,
    type: 'file',
    executable: false,
    bytes: found.bytes,
    hash: found.hash ?? '',
    content,
  }
}
