import { posix } from 'node:path'
import { join, type Sh, sh } from '../../sh.ts'

type Needs = {
  /** A path that something will be put at: its folder must be there. */
  readonly path?: string
  readonly owner?: string
  readonly group?: string
}

/**
 * After `printEntry`: says on stderr what a change could not do without, `lacks folder /srv/app` or
 * a user or group that nobody knows. What is as wanted costs no process.
 */
export const printLacks = ({ path, owner = '0', group = '0' }: Needs): Sh => sh`${
  path === undefined ? sh`:` : lackFolder(posix.dirname(path))
}
${isName(owner) ? lackAccount(sh`*${`|${owner}|`}*'|'*'|'*`, lackUser(owner)) : sh`:`}
${isName(group) ? lackAccount(sh`*${`|${group}|`}*`, lackGroup(group)) : sh`:`}`

/** The folders that a path promises: itself and all above it. */
export const promiseFolders = (path: string): string[] => {
  const parts = path.split('/').slice(1)
  return parts.map((_, i) => `folder /${parts.slice(0, i + 1).join('/')}`)
}

/** Says so if the host does not know the user. */
export const lackUser = (name: string): Sh =>
  isName(name) ? sh`id -u ${name} >/dev/null 2>&1 || echo ${`lacks user ${name}`} >&2` : sh`:`

/** Says so if the host has none of these programs; the first one is named. */
export const lackProgram = (name: string, ...others: readonly string[]): Sh =>
  sh`command -v ${[name]} >/dev/null 2>&1 ${join(
    others.map(other => sh`|| command -v ${other} >/dev/null 2>&1`),
    ' ',
  )} || echo ${`lacks program ${name}`} >&2`

/** Says so if the host does not know the group. */
export const lackGroup = (name: string): Sh =>
  sh`getent group ${name} >/dev/null 2>&1 || grep -q ${`^${name}:`} /etc/group ||
    echo ${`lacks group ${name}`} >&2`

const lackFolder = (folder: string): Sh =>
  sh`[ "$s" != absent ] || [ -d ${folder} ] || echo ${`lacks folder ${folder}`} >&2`

const lackAccount = (pattern: Sh, find: Sh): Sh => sh`case $s in ${pattern}) ;; *) ${find} ;; esac`

const isName = (account: string): boolean => !/^\d+$/.test(account) && account !== 'root'
