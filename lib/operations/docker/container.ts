import {
  type Change,
  type Context,
  change,
  type Diff,
  differences,
  operation,
  Unknown,
} from '../../operation.ts'
import { sh } from '../../sh.ts'
import { digest } from '../service/stamp.ts'
import { checkName } from './api.ts'
import type { Container, Gone, Running } from './container/options.ts'
import { removeContainers, replaceContainer, startContainer } from './container/replace.ts'
import { checkContainer, describeContainer } from './container/spec.ts'
import {
  type ContainerState,
  printContainers,
  type RunningContainer,
  readContainers,
} from './container/state.ts'

/**
 * A container outside of the swarm runs as described. One that differs is replaced: the new one is
 * created before the old one stops. If the new one does not become healthy, or without a health
 * check does not run for three seconds, the old one runs again. Containers that this operation did
 * not create are never changed.
 */
export const container = operation('docker.container', {
  want: (want: Container) => {
    checkName('container', want.name)
    return want.state === 'absent' ? want : checkContainer(want)
  },
  name: ({ name }: Container) => name,
  probe: want => sh`${digest}
${printContainers(want.name, describeSource(want))}`,
  read: readContainers,
  plan: (now, want, context) =>
    want.state === 'absent' ? planRemoval(now, want) : planContainer(now, want, context),
  probeSeconds: 20,
})

const describeSource = (want: Container) =>
  want.state === 'absent' ? null : { image: want.image, inputs: listInputs(want) }

/** Lists the paths that the container is created with. */
const listInputs = ({ recreateOn = [] }: Running): readonly string[] => [
  ...new Set(
    recreateOn.flatMap(operation =>
      'paths' in operation ? (operation.paths as readonly string[]) : [],
    ),
  ),
]

const planContainer = (
  now: ContainerState,
  want: Running,
  { pending }: Context,
): Change | Unknown | null => {
  const there = now.main ?? now.old
  if (there && !there.spec)
    return new Unknown(
      `a container ${want.name} (${there.imageName}) exists that this operation did not create: ` +
        'remove it first, or use another name',
    )
  // Ask for each one: the runner must know on which changes this plan depends.
  const moved = (want.recreateOn ?? []).filter(pending).length > 0
  const diff = [...diffSpec(there, want), ...diffInputs(there, now, want, moved)]
  const life = diffState(now, there)
  const seconds = want.timeoutSeconds ?? 60
  if (diff.length > 0 || (now.old && life.length > 0))
    return change(
      [...diff, ...life],
      replaceContainer(want, describeContainer(want), listInputs(want)),
      {
        seconds: seconds + 900,
      },
    )
  if (now.old || now.fresh)
    return change(
      [...life, { key: 'left over', before: 'a replacement that was interrupted', after: null }],
      removeContainers(
        listLeftovers(want.name),
        now.main ? startContainer(want.name, life, seconds) : null,
      ),
      { seconds: seconds + 60 },
    )
  return change(life, startContainer(want.name, life, seconds), { seconds: seconds + 60 })
}

const listLeftovers = (name: string): readonly string[] => [`${name}.brd-old`, `${name}.brd-new`]
const diffSpec = (there: RunningContainer | null, want: Running): Diff => {
  const spec = describeContainer(want)
  const now = there && { ...there.spec, restart: there.restart, networks: there.networks }
  const gone = Object.fromEntries(
    Object.keys(now ?? {})
      .filter(key => !(key in spec))
      .map(key => [key, null]),
  )
  return differences(now, { ...spec, ...gone })
}

const diffInputs = (
  there: RunningContainer | null,
  now: ContainerState,
  want: Running,
  moved: boolean,
): Diff => {
  if (!there) return []
  const image = now.image !== null && now.image !== there.image
  const inputs = listInputs(want).length > 0 && now.inputs !== there.inputs
  return [
    ...(image
      ? [{ key: 'image id', before: shortenId(there.image), after: shortenId(now.image as string) }]
      : []),
    ...(inputs || (moved && !image)
      ? [
          {
            key: 'inputs',
            before: 'as they were',
            after: (want.recreateOn ?? []).map(({ id }) => id).join(', '),
          },
        ]
      : []),
  ]
}

const shortenId = (id: string): string => id.replace('sha256:', '').slice(0, 12)

const diffState = ({ main }: ContainerState, there: RunningContainer | null): Diff =>
  !main
    ? there
      ? [{ key: 'state', before: 'half replaced', after: 'running' }]
      : []
    : differences(
        { state: main.state, health: main.unhealthy ? 'unhealthy' : 'healthy' },
        { state: 'running', health: main.state === 'running' ? 'healthy' : undefined },
      )

const planRemoval = ({ main, old, fresh }: ContainerState, { name }: Gone) => {
  if (main?.task) return new Unknown('it is a task of the swarm: remove its service instead')
  const all = [
    ...(main ? [name] : []),
    ...(old ? [`${name}.brd-old`] : []),
    ...(fresh ? [`${name}.brd-new`] : []),
  ]
  const before = main?.imageName ?? (all.length > 0 ? 'a replacement that was interrupted' : null)
  return change(
    differences({ container: before }, { container: null }),
    removeContainers(all, null),
  )
}
