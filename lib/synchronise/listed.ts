import { look } from '../look.ts'
import { Unknown } from '../operation.ts'
import { type Excludes, type Placed, TOP } from '../operations/tree/source.ts'
import { type Found, printState, readState } from '../operations/tree/state.ts'
import type { Session } from '../session.ts'
import { sh } from '../sh.ts'

/** All that is in a folder of a host, the folder itself first, parents before what is in them. The content of a file is what is `held` of it when it is asked for. */
export const listed = async (
  { session, path }: { readonly session: Session; readonly path: string },
  excluded: Excludes,
  held: ReadonlyMap<string, Buffer>,
): Promise<Placed[]> => {
  const names = await look(
    session,
    path,
    sh`[ -d ${path} ] && [ ! -h ${path} ] || { echo ${`no such folder: ${path}`} >&2; exit 1; }
cd -P ${path} && find . -xdev ! -name . -print0`,
    120,
  )
  const text = names.toString()
  if (text.includes('\ufffd'))
    throw new Error(`${session.host}: ${path}: there is a name that is no UTF-8 text: exclude its folder, or rename it`)
  const paths = text
    .split('\0')
    .filter(Boolean)
    .map(name => name.slice(2))
    .filter(name => !excluded(name))
    .sort()
  const bare = [TOP, ...paths.map(name => ({ ...TOP, path: name }))]
  const state = readState({ rc: 0, stdout: await look(session, path, printState(path, bare, false), 600), stderr: '' }, bare)
  if (state instanceof Unknown) throw new Error(`${session.host}: ${path}: ${state.why}`)
  const words = paths.map(name => `./${name}`)
  const times = await look(
    session,
    path,
    sh`cd -P ${path} && set -- ${words} && for f; do printf '%s\0' "$f"; done | xargs -0 -r stat -c %Y`,
  )
  const mtimes = ['0', ...times.toString().split('\n')].map(Number)
  return [state.top, ...state.found].map((found, i) => placed(session.host, paths[i - 1] ?? TOP.path, found, mtimes[i] ?? 0, held))
}

const placed = (host: string, path: string, found: Found | null, mtime: number, held: ReadonlyMap<string, Buffer>): Placed => {
  if (!found) throw new Error(`${host}: ${path} went away while the folder was listed: run it again`)
  const named = (name: string, id: string) => (name === 'UNKNOWN' ? id : name)
  const rest = { path, mtime, mode: found.mode, owner: named(found.owner, found.uid), group: named(found.group, found.gid) }
  if (found.type === 'directory') return { ...rest, type: 'directory' }
  if (found.type === 'symlink') return { ...rest, type: 'symlink', mode: null, target: found.target ?? '' }
  if (found.type !== 'file') throw new Error(`${host}: ${path} is neither a file, a folder nor a symlink: exclude it`)
  const content = (): Buffer => {
    const is = held.get(path)
    if (!is) throw new Error(`${path} was changed on its way: run it again`)
    return is
  }
  return { ...rest, type: 'file', executable: false, bytes: found.bytes, hash: found.hash ?? '', content }
}
