import { type Output, type Unknown, unreadable } from '../../../operation.ts'
import { type Sh, sh } from '../../../sh.ts'
import { needsDocker } from '../api.ts'
import type { ContainerSpec } from './spec.ts'

/** Labels for what a container was created from, and for the hash of the files it mounts. */
export const containerLabels = { spec: 'brd.container', inputs: 'brd.inputs' } as const

/** A container on the host. */
export type RunningContainer = {
  readonly state: string
  readonly unhealthy: boolean
  /** Id of its image, and the name it was created with. */
  readonly image: string
  readonly imageName: string
  /** What it was created from; null if this operation did not create it. */
  readonly spec: ContainerSpec | null
  readonly inputs: string
  readonly restart: string
  readonly networks: string
  readonly task: boolean
}

/**
 * The container; the previous and the next one if a replacement was interrupted; and what its image
 * and files are now.
 */
export type ContainerState = {
  readonly main: RunningContainer | null
  readonly old: RunningContainer | null
  readonly fresh: RunningContainer | null
  readonly image: string | null
  readonly inputs: string
}

type Api = {
  readonly name: string
  readonly state: string
  readonly health: string
  readonly image: string
  readonly config: {
    readonly Image: string
    readonly Labels?: Readonly<Record<string, string>> | null
  }
  readonly restart: { readonly Name: string }
  readonly networks: readonly (string | null)[]
}

// Leaves out what changes while it runs: the health log, addresses.
const format = [
  '"name":{{json .Name}}',
  '"state":{{json .State.Status}}',
  '"health":"{{with .State.Health}}{{if eq .Status "unhealthy"}}unhealthy{{end}}{{end}}"',
  '"image":{{json .Image}}',
  '"config":{"Image":{{json .Config.Image}},"Labels":{{json .Config.Labels}}}',
  '"restart":{{json .HostConfig.RestartPolicy}}',
  '"networks":[{{range $name, $_ := .NetworkSettings.Networks}}{{json $name}},{{end}}null]',
].join(',')

/**
 * Prints a line for each of the three containers, then the image's id and the hash of the files.
 * Needs `digest`; only reads.
 */
export const printContainers = (
  name: string,
  want: { readonly image: string; readonly inputs: readonly string[] } | null,
): Sh => sh`${needsDocker}
ids=$(docker ps --all --no-trunc --quiet \
  --filter ${`name=^/?${name.replaceAll('.', '\\.')}([.]brd-(old|new))?$`}) || exit
[ -z "$ids" ] || docker container inspect --format ${`{${format}}`} $ids || exit
${want === null ? sh`` : printSource(want)}
echo end`

const printSource = ({
  image,
  inputs,
}: {
  readonly image: string
  readonly inputs: readonly string[]
}): Sh => sh`id=$(docker image inspect --format '{{.Id}}' ${image} 2>&1) || case $id in
  *'o such image'*) id=absent ;;
  *) printf '%s\n' "$id" >&2; exit 74 ;;
esac
printf 'image %s\n' "$id"
${inputs.length === 0 ? sh`` : printInputs(inputs)}`

const printInputs = (paths: readonly string[]): Sh =>
  sh`inputs=$(digest ${paths} 2>/dev/null) || exit 74
echo "inputs $inputs"`

/** Reads what `printContainers` printed. */
export const readContainers = (
  out: Output,
  { name }: { readonly name: string },
): ContainerState | Unknown => {
  const lines = out.stdout.toString().trim().split('\n')
  if (out.exitCode !== 0 || lines.at(-1) !== 'end')
    return unreadable(out, 'the container cannot be read')
  const all = lines.flatMap(line => (line.startsWith('{') ? [JSON.parse(line) as Api] : []))
  const of = (suffix: string) => {
    const one = all.find(api => api.name === `/${name}${suffix}`)
    return one ? readContainer(one) : null
  }
  const word = (key: string) =>
    lines.find(line => line.startsWith(`${key} `))?.slice(key.length + 1) ?? ''
  const image = word('image')
  return {
    main: of(''),
    old: of('.brd-old'),
    fresh: of('.brd-new'),
    image: image === '' || image === 'absent' ? null : (image.split('\n').at(-1) ?? null),
    inputs: word('inputs'),
  }
}

const readContainer = ({
  state,
  health,
  image,
  config,
  restart,
  networks,
}: Api): RunningContainer => {
  const all = config.Labels ?? {}
  return {
    state,
    unhealthy: health === 'unhealthy',
    image,
    imageName: config.Image,
    spec: parseSpec(all[containerLabels.spec]),
    inputs: all[containerLabels.inputs] ?? '',
    restart: restart.Name || 'no',
    networks: networks
      .filter(name => name !== null)
      .toSorted()
      .join(', '),
    task: 'com.docker.swarm.task.id' in all,
  }
}

const parseSpec = (label: string | undefined): ContainerSpec | null => {
  try {
    return label === undefined ? null : (JSON.parse(label) as ContainerSpec)
  } catch {
    return null
  }
}
