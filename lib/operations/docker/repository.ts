import { change, differences, operation, Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { isAbsent } from '../file/entry.ts'

const key = '/etc/apt/keyrings/docker.asc'
const sources = '/etc/apt/sources.list.d/docker.sources'
/**
 * Hash of the key that Docker publishes for Debian and Ubuntu (fingerprint 9DC8 5822 9FC7 DD38 854A
 * E2D8 8D81 803C 0EBF CD88).
 */
const sha256 = '1500c1f56fa9e26b9b8f42452a553675796ade0807cdce11975eb98170b3a570'

/**
 * apt has Docker's package repository for this host's release, with its key, which is downloaded
 * and must have the known hash. The older one-line file is removed.
 */
export const repository = operation('docker.engine', {
  name: (_: object) => sources,
  probe: () => sh`(
  . /etc/os-release && echo "release $ID $VERSION_CODENAME $(dpkg --print-architecture)"
) || exit 1
if ${isAbsent(key)}; then echo 'key absent'
else h=$(sha256sum <${key}) && echo "key \${h%% *}" || exit 74; fi
ls /etc/apt/sources.list.d/docker.list 2>/dev/null
if ${isAbsent(sources)}; then echo absent; else cat ${sources} || exit 74; fi`,
  read: out => {
    const [release = '', found = '', ...rest] = out.stdout.toString().split('\n')
    const [, id = '', codename = '', architecture = ''] = release.split(' ')
    if (out.exitCode !== 0 || !architecture) return unreadable(out)
    if (!/^(debian|ubuntu)$/.test(id))
      return new Unknown(`Docker's repository is for Debian and Ubuntu, this is ${id}`)
    const list = rest[0]?.endsWith('/docker.list') ? rest.shift() : undefined
    return {
      key: found.split(' ')[1] ?? '',
      list,
      sources: rest.join('\n').trimEnd(),
      wanted: formatSources(id, codename, architecture),
      id,
    }
  },
  plan: now => {
    const diff = [
      ...differences({ key: now.key === 'absent' ? null : now.key }, { key: sha256 }),
      ...(now.list ? [{ key: 'docker.list', before: 'there', after: null }] : []),
      ...(now.sources === now.wanted
        ? []
        : [
            {
              key: 'sources',
              before: now.sources === 'absent' ? null : now.sources,
              after: now.wanted,
              text: true as const,
            },
          ]),
    ]
    return change(
      diff,
      sh`umask 022; mkdir -p /etc/apt/keyrings || exit 1
curl --fail --silent --show-error --location --max-time 60 --output ${key}.new \
  ${`https://download.docker.com/linux/${now.id}/gpg`} || {
  echo "Docker's key could not be downloaded" >&2
  exit 1
}
[ "$(sha256sum <${key}.new | cut -c 1-64)" = ${sha256} ] || {
  rm -f ${key}.new
  echo "the downloaded key is not Docker's known one" >&2
  exit 1
}
mv -f ${key}.new ${key} && printf '%s\n' ${now.wanted} >${sources}.new &&
  mv -f ${sources}.new ${sources} && rm -f /etc/apt/sources.list.d/docker.list`,
      { seconds: 90 },
    )
  },
})

const formatSources = (id: string, codename: string, architecture: string): string =>
  [
    'Types: deb',
    `URIs: https://download.docker.com/linux/${id}`,
    `Suites: ${codename}`,
    'Components: stable',
    `Architectures: ${architecture}`,
    `Signed-By: ${key}`,
  ].join('\n')
