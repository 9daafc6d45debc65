import { OptionError } from '../../errors/option-error.ts'
import { operation } from '../../operation.ts'
import { refuseLogin } from '../file/address.ts'
import type { Content } from '../file/content.ts'
import { file } from '../file.ts'
import { tryKey, trySource, whileUnused } from './try-source.ts'

export type Repository = {
  /** Names its two files: `docker` makes docker.sources and docker.asc. */
  readonly name: string
} & (Source | { readonly state: 'absent' })

type Source = {
  /** `absent`: both files are gone. What came from it stays installed. Default present. */
  readonly state?: 'present'
  /** Addresses of the repository, without the suite. */
  readonly uris: readonly string[]
  /** Such as the release's code name. */
  readonly suites: readonly string[]
  /** Default `main`. */
  readonly components?: readonly string[]
  /** Default: all that the host has. */
  readonly architectures?: readonly string[]
  /** The armored key that signs it. */
  readonly key: Content
}

/**
 * apt has a package source whose key is trusted for this source only. The next `apt.packages`
 * updates the package lists. A source is tried before it is written: if apt could not read all of
 * its sources with it, as beside another file with other options for the same suite, that is an
 * error, also in check mode; and if it cannot be fetched, or its key does not sign it, nothing is
 * changed. A key that another source names is not removed.
 */
export const repository = operation('apt.repository', {
  from: (want: Repository, meta) => {
    if (!/^[\w-]+$/.test(want.name))
      throw new OptionError({
        message: `${JSON.stringify(want.name)} cannot be a file's name`,
        next: 'use letters, digits, _ and -',
      })
    const key = `/etc/apt/keyrings/${want.name}.asc` as const
    const list = `/etc/apt/sources.list.d/${want.name}.sources` as const
    if (want.state === 'absent')
      return [
        file({ path: list, state: 'absent' }, meta),
        whileUnused(file({ path: key, state: 'absent' }, meta), key, list),
      ]
    checkSource(want)
    const content = formatSources(want, key)
    return [
      tryKey(file({ path: key, ...want.key }, meta), content, key),
      trySource(file({ path: list, content }, meta), content, list),
    ]
  },
})

const checkSource = ({ uris, suites, components = [], architectures = [] }: Source): void => {
  const bad = [...uris, ...suites, ...components, ...architectures].find(
    word => !/^\S+$/.test(word),
  )
  if (bad !== undefined)
    throw new OptionError({
      message: `${JSON.stringify(bad)} must be one word`,
      next: 'list several as several',
    })
  for (const uri of uris)
    refuseLogin('uris', uri, 'put the login into /etc/apt/auth.conf.d, in a file of mode 600')
}

const formatSources = (
  { uris, suites, components = ['main'], architectures }: Source,
  key: string,
): string =>
  [
    'Types: deb',
    `URIs: ${uris.join(' ')}`,
    `Suites: ${suites.join(' ')}`,
    `Components: ${components.join(' ')}`,
    ...(architectures ? [`Architectures: ${architectures.join(' ')}`] : []),
    `Signed-By: ${key}`,
    '',
  ].join('\n')
