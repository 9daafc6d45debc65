import type { ServerHostKeyAlgorithm } from 'ssh2'
import { quote } from '../../sh.ts'
import {
  findLines,
  fingerprint,
  formatKnownName,
  type Ignored,
  judgeKey,
  type KnownHost,
  matches,
  readKeyType,
} from './known-hosts.ts'
import { type KnownHostsFile, readKnownHostsFile } from './known-hosts-file.ts'
import { Rejected } from './rejected-error.ts'
import { defaultKnownHosts, expandHome, type Target } from './target.ts'

/** What the known_hosts files say of one host. */
export type HostKeys = {
  readonly lines: readonly KnownHost[]
  readonly authorities: readonly KnownHost[]
  readonly ignored: readonly Ignored[]
}

/**
 * Signature algorithms by key type, the strongest first. SHA-1 (`ssh-rsa` as a signature) is never
 * offered.
 */
const algorithms: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/** The key types that we can verify. */
export const keyTypes: readonly string[] = Object.keys(algorithms)

/** The name of a host in known_hosts files. */
export const nameOf = ({ hostKeyAlias, address, port }: Target): string =>
  hostKeyAlias?.toLowerCase() ?? formatKnownName(address, port)

/**
 * Reads what the known_hosts files say of a host. A file that is absent says nothing; one that
 * cannot be read is an error.
 */
export const readHostKeys = async (target: Target): Promise<HostKeys> => {
  const paths = (target.knownHosts ?? defaultKnownHosts()).map(expandHome)
  const files = await Promise.all(paths.map(path => readIfThere(target, path)))
  const hosts = files.flatMap(file => file.linesFor(nameOf(target)))
  const authorities = hosts.filter(
    ({ marker, names }) => marker === 'cert-authority' && matches(names, nameOf(target)),
  )
  return {
    lines: findLines(hosts, nameOf(target)),
    authorities,
    ignored: files.flatMap(file => file.ignored),
  }
}

/**
 * The host key algorithms to offer: those of the types that are known for the host first, or a
 * server with several keys would show
 * another and look unknown. The others follow, so that a host whose key types changed gets a clear
 * word.
 */
export const chooseHostKeyAlgorithms = (lines: readonly KnownHost[]): ServerHostKeyAlgorithm[] => {
  const known = keyTypes.filter(type =>
    lines.some(line => line.marker === null && line.type === type),
  )
  return [...new Set([...known, ...keyTypes])].flatMap(type => algorithms[type] ?? [])
}

/** The algorithms that make a server show its key of one type. */
export const listAlgorithms = (type: string): ServerHostKeyAlgorithm[] => [
  ...(algorithms[type] ?? []),
]

/** The command that enrols the host's key, for the same inventory. */
const formatEnrolCommand = ({ host, inventory }: Target): string => {
  const isPlain = inventory !== undefined && /^[\w./@%+=:,-]+$/.test(inventory)
  const flag = inventory === undefined ? '' : `-i ${isPlain ? inventory : quote(inventory)} `
  return `npx zx scripts/enrol.ts ${flag}${host}`
}

/** Null when the key is the known one, else why the host is not to be talked to. */
export const findObjection = (
  target: Target,
  { lines, authorities, ignored }: HostKeys,
  key: Buffer,
): Rejected | null => {
  const verdict = judgeKey(lines, key)
  const shown = `${readKeyType(key)} ${fingerprint(key)}`
  const enrol = formatEnrolCommand(target)
  if (verdict.kind === 'known') return null
  if (verdict.kind === 'revoked')
    return new Rejected(
      target.host,
      `host key revoked: ${formatPlace(verdict.by)} revokes ${shown}`,
      {
        next: 'The key is no longer trusted. Give the server a new host key, then enrol that.',
      },
    )
  if (verdict.kind === 'changed')
    return new Rejected(
      target.host,
      `host key CHANGED: it shows ${shown}, but ${verdict.was.map(explainObjection).join(', ')}`,
      {
        next:
          `If you reinstalled it: ${enrol} --replace. ` +
          'If not, somebody may be in between: do not connect.',
      },
    )
  return new Rejected(
    target.host,
    `host key unknown: ${nameOf(target)} shows ${shown}${listUnused(authorities, ignored)}`,
    {
      next:
        "Compare the fingerprint with the server's own " +
        `(ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub there), then enrol it: ${enrol}`,
    },
  )
}

const explainObjection = (line: KnownHost): string =>
  `${formatPlace(line)} has ${line.type} ${fingerprint(line.key)}`

const formatPlace = ({ file, line }: { readonly file: string; readonly line: number }): string =>
  `${file}:${line}`

/** Lines that a user may believe to speak of this host. */
const listUnused = (authorities: readonly KnownHost[], ignored: readonly Ignored[]): string =>
  [
    ...authorities.map(line => `; ${formatPlace(line)}: host certificates are not supported`),
    ...ignored.map(line => `; ${formatPlace(line)} ignored: ${line.why}`),
  ].join('')

const readIfThere = (target: Target, path: string): Promise<KnownHostsFile> =>
  readKnownHostsFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
      return { ignored: [], linesFor: () => [] }
    throw new Rejected(target.host, `cannot read ${path}: ${error.code}`, { cause: error })
  })
