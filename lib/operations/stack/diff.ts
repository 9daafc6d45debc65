import type { Network } from '../../compose/compose.ts'
import { describeSecret, type ServiceFacts } from '../../compose/fact-lines.ts'
import { specLabel } from '../../compose/render.ts'
import type { Diff, Difference } from '../../operation.ts'
import type { Secret } from '../../secret.ts'
import { listRunningFacts } from './running.ts'
import { type ApiNetwork, findUnused, type StackState } from './state.ts'
import type { WantedStack } from './wanted.ts'

/** The differences, by what has to be done about them. */
export type StackDiff = {
  /** Needs a deploy. */
  readonly specification: Diff
  /** Not converged yet: needs waiting. */
  readonly convergence: Diff
  /** Left over from older versions. */
  readonly garbage: Diff
  /** Networks that differ: Docker cannot change them. */
  readonly networks: Diff
}

/** Compares the running stack with the wanted one. */
export const compareStacks = (now: StackState, want: WantedStack): StackDiff => {
  const names = new Map([...now.networks].map(([id, { Name }]) => [id, Name]))
  const gone = [...now.services.keys()].filter(name => !want.services.has(name))
  return {
    specification: [
      ...[...want.services].flatMap(([name, facts]) => {
        const running = now.services.get(name)
        return diffService(
          name,
          running ? listRunningFacts(name, running.Spec, names) : null,
          facts,
          now,
          want,
        )
      }),
      ...gone.map(name => ({
        key: name,
        before: now.services.get(name)?.Spec.TaskTemplate.ContainerSpec.Image ?? 'running',
        after: null,
      })),
      ...[...want.networks.keys()]
        .filter(name => ![...names.values()].includes(name))
        .map(name => ({ key: `network ${name}`, before: null, after: 'overlay' })),
    ],
    convergence: [...want.services.keys()].flatMap(name => diffConvergence(name, now, want)),
    garbage: diffGarbage(now, want),
    networks: [...now.networks.values()].flatMap(network =>
      diffNetwork(network, want.networks.get(network.Name)),
    ),
  }
}

const diffService = (
  name: string,
  now: ServiceFacts | null,
  want: ServiceFacts,
  state: StackState,
  { configs, environmentSecrets }: WantedStack,
): Diff => {
  const keys = [...new Set([...Object.keys(want), ...Object.keys(now ?? {})])]
  const full = state.services.get(name)?.Spec.Name ?? ''
  const deployed = findDeployedImage(state, full, want['image'])
  const all = keys.flatMap((key): Diff => {
    const exact = key === 'image' ? deployed : undefined
    const [before, after] =
      exact === undefined
        ? [
            stripDigest(key, hideSecret(now?.[key], want[key], environmentSecrets), want[key]),
            want[key] ?? null,
          ]
        : [now?.[key] ?? null, exact]
    return before === after ? [] : [{ key: `${name}.${key}`, before, after }]
  })
  const shown = all.filter(({ key }) => key !== `${name}.label ${specLabel}`)
  return (shown.length > 0 ? shown : all).map(difference => showContent(difference, state, configs))
}

/** A variable that should be a secret is that secret, or another value: never shown. */
const hideSecret = (
  now: string | undefined,
  want: string | undefined,
  secrets: ReadonlyMap<string, Secret>,
): string | undefined => {
  const wanted = [...secrets].find(([name]) => describeSecret(name) === want)
  return now === undefined || !wanted ? now : wanted[1].reveal() === now ? want : 'another value'
}

/**
 * Finds the image with the digest that the last deploy resolved this name to; undefined if no
 * deploy of this name is known, or if the name has its own digest.
 */
export const findDeployedImage = (
  { images }: StackState,
  service: string,
  image: string | undefined,
): string | undefined => {
  const deployed = images.get(service)
  return image !== undefined && deployed?.startsWith(`${image}@`) ? deployed : undefined
}

// Swarm appends the digest that it found to the image's name.
const stripDigest = (
  key: string,
  now: string | undefined,
  want: string | undefined,
): string | null =>
  now === undefined
    ? null
    : key === 'image' && !want?.includes('@')
      ? now.replace(/@sha256:[0-9a-f]+$/, '')
      : now

// Shows a config as its changed text, not as two hashes.
const showContent = (
  difference: Difference,
  { contents }: StackState,
  configs: ReadonlyMap<string, string>,
): Difference => {
  const [before, after] = [
    contents.get(difference.before ?? ''),
    configs.get(difference.after ?? ''),
  ]
  return /\.config \//.test(difference.key) && before !== undefined && after !== undefined
    ? { key: difference.key, before, after, text: true }
    : difference
}

const diffConvergence = (name: string, now: StackState, want: WantedStack): Diff => {
  const running = now.services.get(name)
  if (!running) return []
  const update = running.UpdateStatus?.State ?? 'completed'
  const tasks = now.tasks.get(running.ID) ?? { running: 0, current: 0 }
  const replicas = want.replicas.get(name)
  const desired =
    replicas === 'global' ? Math.max(1, running.ServiceStatus?.DesiredTasks ?? 1) : (replicas ?? 1)
  const count =
    tasks.running > tasks.current
      ? `${tasks.current} of ${desired} on this version`
      : `${tasks.running} of ${desired} running`
  return [
    ...(/^(completed|rollback_completed)$/.test(update)
      ? []
      : [
          {
            key: `${name}.update`,
            before: [update, running.UpdateStatus?.Message].filter(Boolean).join(': '),
            after: 'completed',
          },
        ]),
    ...(tasks.current === desired && tasks.running === desired
      ? []
      : [
          {
            key: `${name}.tasks`,
            before: tasks.error ? `${count} (${tasks.error})` : count,
            after: `${desired} of ${desired} running`,
          },
        ]),
  ]
}

const diffGarbage = (now: StackState, want: WantedStack): Diff => {
  const { configs, secrets } = findUnused(now, [...want.configs.keys(), ...want.secrets.keys()])
  const networks = [...now.networks.values()].filter(
    ({ Name }) =>
      Name.startsWith(`${want.name}_`) && !want.networks.has(Name) && !want.external.includes(Name),
  )
  return [
    ...configs.map(name => ({ key: `unused config ${name}`, before: 'kept', after: null })),
    ...secrets.map(name => ({ key: `unused secret ${name}`, before: 'kept', after: null })),
    ...networks.map(({ Name }) => ({ key: `unused network ${Name}`, before: 'kept', after: null })),
  ]
}

const diffNetwork = (
  now: ApiNetwork,
  want: Exclude<Network, { external: true }> | undefined,
): Diff => {
  if (!want) return []
  const mtu = now.Options?.['com.docker.network.driver.mtu']
  const encrypted = 'encrypted' in (now.Options ?? {})
  const pairs: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['attachable', String(now.Attachable ?? false), String(want.attachable ?? false)],
    ['internal', String(now.Internal ?? false), String(want.internal ?? false)],
    ['driver', now.Driver ?? 'overlay', 'overlay'],
    ['encrypted', String(encrypted), String(want.encrypted ?? false)],
    ['mtu', mtu, want.mtu === undefined ? undefined : String(want.mtu)],
    ['subnet', now.IPAM?.Config?.[0]?.Subnet, want.subnet ?? now.IPAM?.Config?.[0]?.Subnet],
  ]
  return pairs
    .filter(([, a, b]) => a !== b)
    .map(([key, before = null, after = null]) => ({
      key: `network ${now.Name}.${key}`,
      before,
      after,
    }))
}
