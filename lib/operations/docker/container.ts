import type { Bytes, ComposeMount, Healthcheck } from '../../compose/compose.ts'
import type { Operation } from '../../operation.ts'
import {
  type Change,
  type Context,
  change,
  type Diff,
  differences,
  type OperationWithPaths,
  operation,
  Unknown,
} from '../../operation.ts'
import { sh } from '../../sh.ts'
import { digest } from '../service/stamp.ts'
import { objectName } from './api.ts'
import { removed, replaced, started } from './container/replace.ts'
import { checkedContainer, specOf } from './container/spec.ts'
import { type Now, printContainers, readContainers, type There } from './container/state.ts'

export type Container = Running | Gone

type Gone = {
  /** Its name. */
  readonly name: string
  /** Stops and removes it, whoever made it; volumes stay. Tasks of a swarm are refused. */
  readonly state: 'absent'
}

export type Running = {
  /** Its name. */
  readonly name: string
  readonly state?: 'running'
  /**
   * With a tag or a digest. A missing image is pulled. The container is replaced once the name
   * refers to another image on the host.
   */
  readonly image: `${string}:${string}`
  /** Default: the image's. */
  readonly entrypoint?: string
  /** Words after the entrypoint. Default: the image's. */
  readonly command?: readonly string[]
  /**
   * Environment variables. Never secrets: every user of Docker's API can read them; mount a file
   * instead. Default none.
   */
  readonly env?: Readonly<Record<string, string>>
  /** Ports of the host that are forwarded to it. Default none. */
  readonly ports?: readonly Published[]
  /** Volumes, folders and files of the host, or tmpfs; as in a compose file. Default none. */
  readonly mounts?: readonly ComposeMount[]
  /** When Docker starts it again. Default unless-stopped. */
  readonly restart?: 'no' | 'on-failure' | 'always' | 'unless-stopped'
  /** Labels. Default none. */
  readonly labels?: Readonly<Record<string, string>>
  /** Networks that it joins; `host` alone for the host's network. Default bridge. */
  readonly networks?: readonly string[]
  /** Its health check, as in a compose file. Default: the image's. */
  readonly healthcheck?: Healthcheck
  /** User that it runs as, a name or `uid:gid`. Default: the image's. */
  readonly user?: string
  /** Its host name. Default: a part of its id. */
  readonly hostname?: string
  /** Memory limit, such as `512M`. Default: no limit. */
  readonly memory?: Bytes
  /** CPU limit, such as `0.5`. Default: no limit. */
  readonly cpus?: `${number}`
  /** True: only its mounts are writable. Default false. */
  readonly readOnly?: boolean
  /**
   * Operations whose change replaces the container: files that it mounts, compared with what they
   * were when it was created; or its image, so that check mode shows the replacement.
   */
  readonly recreateOn?: readonly (Operation | OperationWithPaths)[]
  /** How long it may take to become healthy, in seconds. Default 60. */
  readonly seconds?: number
}

export type Published = {
  /** The port of the host. */
  readonly published: number
  /** The port in the container. */
  readonly target: number
  /** Default tcp. */
  readonly protocol?: 'tcp' | 'udp'
  /**
   * Address of the host to publish on. Default: all. The INPUT rules of a firewall do not apply to
   * published ports.
   */
  readonly address?: string
}

/**
 * A container outside of the swarm runs as described, or is not there. One that differs is
 * replaced: the new one is created before the old one stops, and when it does
 * not come up (healthy, or running for three seconds where nothing tells its health) the old one
 * runs again. One that was not made by this operation is never touched.
 */
export const container = operation('docker.container', {
  want: (want: Container) => {
    objectName('container', want.name)
    return want.state === 'absent' ? want : checkedContainer(want)
  },
  name: ({ name }: Container) => name,
  probe: want => sh`${digest}
${printContainers(want.name, sourceOf(want))}`,
  read: readContainers,
  plan: (now, want, context) =>
    want.state === 'absent' ? removal(now, want) : plan(now, want, context),
  probeSeconds: 20,
})

const sourceOf = (want: Container) =>
  want.state === 'absent' ? null : { image: want.image, inputs: inputsOf(want) }

/** Lists the paths that the container is created with. */
const inputsOf = ({ recreateOn = [] }: Running): readonly string[] => [
  ...new Set(
    recreateOn.flatMap(operation =>
      'paths' in operation ? (operation.paths as readonly string[]) : [],
    ),
  ),
]

const plan = (now: Now, want: Running, { pending }: Context): Change | Unknown | null => {
  const there = now.main ?? now.old
  if (there && !there.spec)
    return new Unknown(
      `a container ${want.name} (${there.imageName}) exists that this operation did not create: ` +
        'remove it first, or use another name',
    )
  // Ask for each one: the runner must know on which changes this plan depends.
  const moved = (want.recreateOn ?? []).filter(pending).length > 0
  const diff = [...specDiff(there, want), ...inputsDiff(there, now, want, moved)]
  const life = lifeDiff(now, there)
  const seconds = want.seconds ?? 60
  if (diff.length > 0 || (now.old && life.length > 0))
    return change([...diff, ...life], replaced(want, specOf(want), inputsOf(want)), {
      seconds: seconds + 900,
    })
  if (now.old || now.fresh)
    return change(
      [...life, { key: 'left over', before: 'a replacement that was interrupted', after: null }],
      removed(leftOf(want.name), now.main ? started(want.name, life, seconds) : null),
      { seconds: seconds + 60 },
    )
  return change(life, started(want.name, life, seconds), { seconds: seconds + 60 })
}

const leftOf = (name: string): readonly string[] => [`${name}.brd-old`, `${name}.brd-new`]
const specDiff = (there: There | null, want: Running): Diff => {
  const spec = specOf(want)
  const now = there && { ...there.spec, restart: there.restart, networks: there.networks }
  const gone = Object.fromEntries(
    Object.keys(now ?? {})
      .filter(key => !(key in spec))
      .map(key => [key, null]),
  )
  return differences(now, { ...spec, ...gone })
}

const inputsDiff = (there: There | null, now: Now, want: Running, moved: boolean): Diff => {
  if (!there) return []
  const image = now.image !== null && now.image !== there.image
  const inputs = inputsOf(want).length > 0 && now.inputs !== there.inputs
  return [
    ...(image
      ? [{ key: 'image id', before: short(there.image), after: short(now.image as string) }]
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

const short = (id: string): string => id.replace('sha256:', '').slice(0, 12)

const lifeDiff = ({ main }: Now, there: There | null): Diff =>
  !main
    ? there
      ? [{ key: 'state', before: 'half replaced', after: 'running' }]
      : []
    : differences(
        { state: main.state, health: main.unhealthy ? 'unhealthy' : 'healthy' },
        { state: 'running', health: main.state === 'running' ? 'healthy' : undefined },
      )

const removal = ({ main, old, fresh }: Now, { name }: Gone) => {
  if (main?.task) return new Unknown('it is a task of the swarm: remove its service instead')
  const all = [
    ...(main ? [name] : []),
    ...(old ? [`${name}.brd-old`] : []),
    ...(fresh ? [`${name}.brd-new`] : []),
  ]
  const before = main?.imageName ?? (all.length > 0 ? 'a replacement that was interrupted' : null)
  return change(differences({ container: before }, { container: null }), removed(all, null))
}
