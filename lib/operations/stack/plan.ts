import { markSecret } from '../../compose/render.ts'
import { type Change, change, type Diff, Unknown } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { collectGarbage, deployStack, ROLLBACK_SECONDS, settleStack } from './apply.ts'
import { compareStacks, findDeployedImage } from './diff.ts'
import type { StackState } from './state.ts'
import type { WantedStack } from './wanted.ts'

/** Plans how to reach the wanted stack: deploy it, wait for it, or remove what is left over. */
export const planStack = (now: StackState, want: WantedStack): Change | Unknown | null => {
  const names = new Set([...now.networks.values()].map(({ Name }) => Name))
  const absent = want.external.filter(name => !names.has(name))
  if (absent.length > 0)
    return new Unknown(`the network ${absent.join(', ')} does not exist: create it first`)
  const { specification, convergence, garbage, networks } = compareStacks(now, want)
  if (networks.length > 0)
    return new Unknown(
      `Docker cannot change a network (${formatDiff(networks)}): ` +
        'remove the stack first, or declare the network as it is',
    )
  const rest = { seconds: want.seconds + 90 + (want.rollbackStack ? ROLLBACK_SECONDS : 0) }
  const interrupted: Diff =
    now.before === null ? [] : [{ key: 'deploy', before: 'interrupted', after: 'complete' }]
  const paused = convergence.some(
    ({ key, before }) => key.endsWith('.update') && /paused/.test(before ?? ''),
  )
  if (specification.length > 0 || paused)
    return planDeployment(now, want, [...interrupted, ...specification, ...convergence, ...garbage])
  if (convergence.length > 0 || interrupted.length > 0)
    return change(
      [...interrupted, ...convergence, ...garbage],
      settleStack(want, garbage.length > 0),
      rest,
    )
  return change(garbage, collectGarbage(want), rest)
}

const planDeployment = (now: StackState, want: WantedStack, diff: Diff): Change | null => {
  const configs = [...want.configs].filter(([name]) => !now.configs.includes(name))
  const secrets = [...want.secrets].filter(([name]) => !now.secrets.includes(name))
  return change(
    diff,
    deployStack({
      want,
      now,
      configs: configs.map(([name]) => name),
      secrets: secrets.map(([name]) => name),
      image: hasMovedImage(now, want),
    }),
    {
      // One line of base64 each, so that the script contains neither values nor their lengths; the
      // compose file follows.
      stdin: [
        ...configs.flatMap(([, text]) => [Buffer.from(text).toString('base64'), '\n']),
        ...secrets.flatMap(([, secret]) => [
          new Secret(Buffer.from(secret.reveal()).toString('base64'), secret.name),
          '\n',
        ]),
        ...fillSecrets(want),
      ],
      seconds: want.seconds + 90 + (want.rollbackStack ? ROLLBACK_SECONDS : 0),
    },
  )
}

/** Puts the secrets of variables in the place of their marks, as YAML and for `$` of compose. */
const fillSecrets = ({ file, environmentSecrets }: WantedStack): readonly (string | Secret)[] =>
  [...environmentSecrets].reduce<readonly (string | Secret)[]>(
    (parts, [name, secret]) => {
      const text = JSON.stringify(secret.reveal().replaceAll('$', '$$$$'))
      const value = new Secret(text, secret.name)
      return parts.flatMap(part =>
        part instanceof Secret
          ? [part]
          : part.split(markSecret(name)).flatMap((rest, i) => (i === 0 ? [rest] : [value, rest])),
      )
    },
    [file],
  )

// `--resolve-image changed` keeps the running image if the label has this name: an image that was
// set by hand would stay, even one with another digest of the same name.
const hasMovedImage = (now: StackState, want: WantedStack): boolean =>
  [...want.services].some(([name, { image = '' }]) => {
    const spec = now.services.get(name)?.Spec
    if (spec && findDeployedImage(now, spec.Name, image) !== undefined)
      return spec.TaskTemplate.ContainerSpec.Image !== findDeployedImage(now, spec.Name, image)
    return (
      spec?.Labels?.['com.docker.stack.image'] === image &&
      spec.TaskTemplate.ContainerSpec.Image.replace(
        image.includes('@') ? '' : /@sha256:[0-9a-f]+$/,
        '',
      ) !== image
    )
  })

const formatDiff = (diff: Diff): string =>
  diff
    .map(({ key, before, after }) => `${key}: ${before ?? 'absent'}, wanted ${after ?? 'absent'}`)
    .join('; ')
