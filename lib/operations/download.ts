import { OptionError } from '../errors/option-error.ts'
import { change, type Diff, differences, operation, Unknown, unreadable } from '../operation.ts'
import type { Secret } from '../secret.ts'
import { type Sh, sh } from '../sh.ts'
import { refuseLogin } from './file/address.ts'
import {
  checkPath,
  completeRights,
  type Entry,
  type Path,
  pickRights,
  printEntry,
  type Rights,
  readEntry,
} from './file/entry.ts'
import { lackProgram, printLacks } from './file/lacks.ts'
import { diffNames } from './file/lines.ts'
import { putInPlace, setRights } from './file/put.ts'

export type Download = Rights & {
  /**
   * The file on the host, absolute. Its folder must exist. A symlink at this path is replaced, not
   * followed; a folder is an error.
   */
  readonly path: Path
  /** Its address; redirects are followed. The host itself fetches it, with curl or wget. */
  readonly url: `http://${string}` | `https://${string}`
  /**
   * What it must hold: 64 hexadecimal digits, as sha256sum prints them. Anything else is never put
   * in place.
   */
  readonly sha256: string
  /**
   * A line of the request, such as `Authorization: Bearer …`. It needs curl. Another server, to
   * which a redirect leads, does not get it. Default: none.
   */
  readonly header?: Secret
  /** How long it may take, in seconds. Default 300. */
  readonly timeoutSeconds?: number
}

type Want = Omit<Download, 'path' | 'mode' | 'owner' | 'group'> & {
  readonly path: string
  readonly mode: string
  readonly owner: string
  readonly group: string
}
type Now = { readonly entry: Entry; readonly hash: string | null } | null

/**
 * A file has exactly the content with this hash, fetched by the host. It is replaced in one step
 * once it has arrived whole; a correct file is not fetched again.
 */
export const download = operation('download', {
  want: (want: Download) => {
    const { url, sha256 } = want
    checkPath(want.path)
    if (!/^[0-9a-f]{64}$/.test(sha256))
      throw new OptionError({
        message: 'sha256: 64 hexadecimal digits are expected, as sha256sum prints them',
      })
    if (!URL.canParse(url) || !/^https?:\/\//.test(url))
      throw new OptionError({ message: `url: ${JSON.stringify(url)} is not an http address` })
    refuseLogin('url', url, 'give it as header, a Secret')
    if (want.header && /["\\\r\n]/.test(want.header.reveal()))
      throw new OptionError({ message: 'header: one line without quotes is expected' })
    return { ...want, ...completeRights(want, '644') }
  },
  name: ({ path }: Want) => path,
  paths: want => [want.path],
  probe: want => sh`${printEntry(want.path)}
${printLacks(want)}
h=
case $s in regular*) h=$(sha256sum <${want.path}) || exit 74; printf '%s\n' "$h";; esac
[ "\${h%% *}" = ${want.sha256} ] || { ${lackProgram('curl', ...(want.header ? [] : ['wget']))}; }`,
  read: (out): Now | Unknown => {
    const [first = '', second = ''] = out.stdout.toString().split('\n')
    const entry = out.exitCode === 0 ? readEntry(first) : undefined
    if (!entry) return entry === null ? null : unreadable(out)
    if (entry.type !== 'file') return { entry, hash: null }
    return /^[0-9a-f]{64} /.test(second)
      ? { entry, hash: second.slice(0, 64) }
      : unreadable(out, 'no hash of the file')
  },
  plan: (now, want) => {
    const { path, mode, owner, group, header, timeoutSeconds: seconds = 300 } = want
    if (now && now.entry.type !== 'file' && now.entry.type !== 'symlink')
      return new Unknown(
        `${path} is a ${now.entry.type}, and a file is wanted: ` +
          'remove it first, or name another path',
      )
    const diff = diffDownload(now, want)
    if (!diff.some(({ key }) => key === 'sha256' || key === 'type'))
      return change(diff, setRights(path, { mode, owner, group }))
    const stdin = header ? { stdin: ['header = "', header, '"\n'] } : {}
    return change(
      diff,
      putInPlace({
        path,
        from: fetchContent(want),
        mode,
        owner,
        group,
        validate: checkHash(want.sha256),
      }),
      {
        ...stdin,
        seconds: seconds + 10,
      },
    )
  },
})

const diffDownload = (now: Now, want: Want): Diff => {
  const { mode, owner, group, sha256, url } = want
  const file = now?.entry.type === 'file' ? now : null
  const type = now && !file ? [{ key: 'type', before: now.entry.type, after: 'file' }] : []
  const content =
    file?.hash === sha256
      ? []
      : [{ key: 'sha256', before: file?.hash ?? null, after: `${sha256} from ${url}` }]
  return [
    ...type,
    ...content,
    ...(content.length > 0 ? diffNames(file?.entry.links ?? 1) : []),
    ...differences(file && pickRights(file.entry, want), { mode, owner, group }),
  ]
}

/**
 * Prints what the address returns. The header comes on stdin and is in no argument. wget has no
 * separate time limit: busybox crashes on one, and the change has its deadline.
 */
const fetchContent = ({ url, header, timeoutSeconds: seconds = 300 }: Want): Sh => {
  const curl = sh`curl --fail --silent --show-error --globoff --proto =http,https \
  --connect-timeout 20 --max-time ${seconds}`
  if (header)
    return sh`command -v curl >/dev/null ||
  { echo 'curl is not installed: a header needs it' >&2; exit 1; }
header=$(cat) u=${url} n=0
origin() { o=\${u#*://}; printf '%s\n' "\${u%%://*}://\${o%%[/?#]*}"; }
first=$(origin)
# curl would send the header to whatever server a redirect leads to.
while :; do
  [ "$(origin)" = "$first" ] || header=
  u=$(printf '%s\n' "$header" |
    ${curl} --config - --output "$t" --write-out '%{redirect_url}' "$u") || exit 1
  [ -n "$u" ] || break
  n=$((n + 1)); [ $n -lt 20 ] || { echo 'too many redirects' >&2; exit 1; }
done`
  return sh`if command -v curl >/dev/null; then ${curl} --location ${url}
elif command -v wget >/dev/null; then
  wget -q -O - ${url} || { echo ${`wget could not fetch ${url}`} >&2; exit 1; }
else echo 'neither curl nor wget is installed' >&2; exit 1; fi`
}

const checkHash =
  (sha256: string) =>
  (path: Sh): Sh =>
    sh`h=$(sha256sum <${path}) && [ "\${h%% *}" = ${sha256} ] ||
  { echo ${`its sha256 is not ${sha256} but`} "\${h%% *}" >&2; exit 1; }`
