import { Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import type { Fact } from './fact.ts'

export type Os = {
  /** As os-release has it: `debian`, `ubuntu`, `alpine`, `rocky`. */
  readonly id: string
  /** As people write it: `Debian GNU/Linux`. */
  readonly name: string
  /** `12`, `24.04`, `3.20.3`; null for a rolling release. */
  readonly version: string | null
  /** `bookworm`; null if the system has none. */
  readonly codename: string | null
  /** What it is made after: how its packages and files are kept. */
  readonly family: 'debian' | 'redhat' | 'suse' | 'alpine' | 'arch' | 'other'
}

/** The operating system. */
export const os: Fact<Os> = {
  name: 'os',
  probe: sh`cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release`,
  read: printed => {
    const of = new Map(printed.split('\n').flatMap(parseAssignments))
    const id = of.get('ID')
    if (!id) return new Unknown('os-release does not say ID=')
    return {
      id,
      name: of.get('NAME') ?? id,
      version: of.get('VERSION_ID') ?? null,
      codename: of.get('VERSION_CODENAME') ?? null,
      family: findFamily([id, ...(of.get('ID_LIKE') ?? '').split(' ')]),
    }
  },
}

/** `NAME=value` as the shell reads it: with quotes of either kind, or without. */
const parseAssignments = (line: string): [string, string][] => {
  const [, name, double, single, bare] =
    /^([A-Z_]+)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S*))\s*$/.exec(line) ?? []
  const value = double?.replace(/\\(.)/g, '$1') ?? single ?? bare
  return name && value ? [[name, value]] : []
}

const families: readonly (readonly [Os['family'], RegExp])[] = [
  ['debian', /^(debian|ubuntu)$/],
  ['redhat', /^(rhel|fedora|centos)$/],
  ['suse', /suse|^sles$/],
  ['alpine', /^alpine$/],
  ['arch', /^arch$/],
]

const findFamily = (ids: readonly string[]): Os['family'] =>
  families.find(([, is]) => ids.some(id => is.test(id)))?.[0] ?? 'other'
