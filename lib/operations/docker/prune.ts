import { change, type Diff, operation, type Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { needsDocker } from './api.ts'
import { type NodeObjects, readUnused, selectRemovable } from './prune/unused.ts'

export type Prune = {
  /**
   * Remove images that no container uses and that came to this node more than this many days ago.
   * Default: keep all images.
   */
  readonly imageDays?: number
  /**
   * Remove containers that stopped more than this many days ago, except those of the swarm.
   * Default: keep all containers.
   */
  readonly containerDays?: number
  /**
   * Names of images and containers to keep; `*` matches any text: `mariadb:*`. Default: none.
   */
  readonly keep?: readonly string[]
  /** Keep what has one of these labels: `keep` or `keep=yes`. Default: none. */
  readonly keepLabels?: readonly string[]
  /** The time from which the days count back. Default: now. */
  readonly at?: Date
}

const seen = {
  containers: [
    '{{json .Id}}',
    '{{json .Name}}',
    '{{json .State.Running}}',
    '{{json .State.FinishedAt}}',
    '{{json .Created}}',
    '{{json .Image}}',
    '{{json .Config.Labels}}',
  ].join(','),
  images: [
    '{{json .Id}}',
    '{{json .Parent}}',
    '{{json .RepoTags}}',
    '{{json .RepoDigests}}',
    '{{json .Metadata.LastTagTime}}',
    '{{json .Created}}',
    '{{json .Size}}',
    '{{with .Config}}{{json .Labels}}{{else}}null{{end}}',
  ].join(','),
} as const

type Want = Prune & { readonly at: Date }

/**
 * This node has no unused images and no stopped containers older than this many days. Volumes are
 * never touched; check mode names each object.
 */
export const prune = operation('docker.prune', {
  want: (want: Prune) => ({ at: new Date(), ...want }),
  name: (_: Want) => 'unused',
  probe: () => sh`${needsDocker}
containers=$(docker ps --all --no-trunc --quiet) &&
  images=$(docker image ls --all --no-trunc --quiet | sort -u) || exit
[ -z "$containers" ] ||
  docker container inspect --format ${`container [${seen.containers}]`} $containers || exit
[ -z "$images" ] || docker image inspect --format ${`image [${seen.images}]`} $images || exit
echo end`,
  read: (out): NodeObjects | Unknown =>
    readUnused(out.stdout.toString()) ??
    unreadable(out, 'the images and containers cannot be read'),
  plan: (now, want) => {
    const containers = now.containers.filter(
      one =>
        !one.running &&
        isOld(one.since, want.containerDays, want) &&
        !isKept([one.name], one.labels, want),
    )
    const gone = new Set(containers.map(({ id }) => id))
    const used = new Set(now.containers.filter(({ id }) => !gone.has(id)).map(({ image }) => image))
    const images = selectRemovable(
      now.images,
      one =>
        !used.has(one.id) &&
        isOld(one.since, want.imageDays, want) &&
        !isKept(one.names, one.labels, want),
    )
    const diff: Diff = [
      ...containers.map(({ name, since }) => ({
        key: `container ${name}`,
        before: `stopped since ${formatDay(since)}`,
        after: null,
      })),
      ...images.map(({ id, names, since, bytes }) => ({
        key: `image ${names.join(' ') || shortenId(id)}`,
        before: `${formatMegabytes(bytes)}, here since ${formatDay(since)}`,
        after: null,
      })),
    ]
    // Removed by name, since Docker refuses an id with several names; the newest first, since it
    // may be built on an older one.
    const words = images
      .toSorted((a, b) => b.made - a.made)
      .flatMap(({ id, names }) => (names.length > 0 ? names : [id]))
    return change(
      diff,
      sh`${containers.length > 0 ? sh`docker rm ${[...gone]} >/dev/null || exit` : sh`:`}
${words.length > 0 ? sh`docker image rm ${words} >/dev/null` : sh`:`}`,
      { seconds: 600 },
    )
  },
  probeSeconds: 30,
})

const isOld = (since: number, days: number | undefined, { at }: Want): boolean =>
  days !== undefined && at.getTime() - since > days * 86_400_000

const isKept = (
  names: readonly string[],
  labels: Readonly<Record<string, string>>,
  { keep = [], keepLabels = [] }: Want,
): boolean =>
  names.some(name => keep.some(pattern => matchesPattern(pattern, name))) ||
  keepLabels.some(label => {
    const [key = '', value] = label.split(/=(.*)/s)
    return key in labels && (value === undefined || labels[key] === value)
  })

const matchesPattern = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map(part => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('.*')}$`,
  ).test(name)

const shortenId = (id: string): string => id.replace('sha256:', '').slice(0, 12)
const formatDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const formatMegabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
