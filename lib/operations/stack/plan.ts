import { type Change, change, type Diff, Unknown } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { BACK, collect, deploy, settle } from './apply.ts'
import { compare } from './diff.ts'
import type { State } from './state.ts'
import type { Wanted } from './wanted.ts'

/**
 * What has to be done so that the stack runs as wanted: deploy it, wait for it, or tidy up after
 * it.
 */
export const plan = (now: State, want: Wanted): Change | Unknown | null => {
  const names = new Set([...now.networks.values()].map(({ Name }) => Name))
  const absent = want.external.filter(name => !names.has(name))
  if (absent.length > 0) return new Unknown(`the network ${absent.join(', ')} is not there`)
  const { specification, convergence, garbage, networks } = compare(now, want)
  if (networks.length > 0)
    return new Unknown(
      `Docker cannot change a network (${told(networks)}): remove the stack first, or declare what runs`,
    )
  const rest = { seconds: want.seconds + 90 }
  const paused = convergence.some(
    ({ key, before }) => key.endsWith('.update') && /paused/.test(before ?? ''),
  )
  if (specification.length > 0 || paused)
    return deployment(now, want, [...specification, ...convergence, ...garbage])
  if (convergence.length > 0)
    return change([...convergence, ...garbage], settle(want, garbage.length > 0), rest)
  return change(garbage, collect(want), rest)
}

const deployment = (now: State, want: Wanted, diff: Diff): Change | null => {
  const configs = [...want.configs].filter(([name]) => !now.configs.includes(name))
  const secrets = [...want.secrets].filter(([name]) => !now.secrets.includes(name))
  const created = [...want.services.keys()].some(name => !now.services.has(name))
  return change(
    diff,
    deploy({
      want,
      now,
      configs: configs.map(([name]) => name),
      secrets: secrets.map(([name]) => name),
      image: imageMoved(now, want),
      created,
    }),
    {
      // A line of base64 each, so that neither a value nor its length stands in the script; the
      // compose file follows.
      stdin: [
        ...configs.flatMap(([, text]) => [Buffer.from(text).toString('base64'), '\n']),
        ...secrets.flatMap(([, secret]) => [
          new Secret(Buffer.from(secret.reveal()).toString('base64'), secret.name),
          '\n',
        ]),
        want.file,
      ],
      seconds: want.seconds + 90 + (want.asOne ? BACK : 0),
    },
  )
}

// `--resolve-image changed` keeps the running image where the label says that it was deployed under
// this name: an image set by hand stays.
const imageMoved = (now: State, want: Wanted): boolean =>
  [...want.services].some(([name, { image = '' }]) => {
    const spec = now.services.get(name)?.Spec
    return (
      spec?.Labels?.['com.docker.stack.image'] === image &&
      spec.TaskTemplate.ContainerSpec.Image.replace(
        image.includes('@') ? '' : /@sha256:[0-9a-f]+$/,
        '',
      ) !== image
    )
  })

const told = (diff: Diff): string =>
  diff
    .map(({ key, before, after }) => `${key}: ${before ?? 'absent'}, wanted ${after ?? 'absent'}`)
    .join('; ')
