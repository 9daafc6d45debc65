import { readFile, stat } from 'node:fs/promises'
import { type Ignored, type KnownHost, parseKnownHosts } from './known-hosts.ts'

/** A known_hosts file, read for any number of hosts. */
export type KnownHostsFile = {
  readonly ignored: readonly Ignored[]
  /** The lines that may speak of a host, in their order: a hashed name or a pattern may. */
  readonly linesFor: (name: string) => readonly KnownHost[]
}

/** Each file as it was read last, and what it was known by then. */
const files = new Map<string, { readonly stamp: string; readonly file: Promise<KnownHostsFile> }>()

/**
 * Reads a known_hosts file, once as long as it stays as it is: a thousand hosts may have their
 * lines in one file. Rejects as `readFile` does.
 */
export const readKnownHostsFile = async (path: string): Promise<KnownHostsFile> => {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
  const stamp = [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  const known = files.get(path)
  if (known?.stamp === stamp) return known.file
  const file = readFile(path, 'utf8').then(text => indexLines(parseKnownHosts(text, path)))
  files.set(path, { stamp, file })
  file.catch(() => files.delete(path))
  return file
}

const indexLines = ({
  hosts,
  ignored,
}: {
  readonly hosts: readonly KnownHost[]
  readonly ignored: readonly Ignored[]
}): KnownHostsFile => {
  const byName = new Map<string, KnownHost[]>()
  const others: KnownHost[] = []
  for (const line of hosts)
    if (/[|*?!]/.test(line.names)) others.push(line)
    else
      for (const name of new Set(line.names.toLowerCase().split(',')))
        byName.set(name, [...(byName.get(name) ?? []), line])
  return {
    ignored,
    linesFor: name => [...(byName.get(name) ?? []), ...others].sort((a, b) => a.line - b.line),
  }
}
