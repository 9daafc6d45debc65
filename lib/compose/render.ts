import { Document, isScalar, type Tags, visit } from 'yaml'
import type { Compose, ComposeService, Network } from './compose.ts'
import { resolveRunName } from './image.ts'
import { hashJson } from './names.ts'

/** Names of configs or secrets on the cluster, by their names in the stack. */
export type ObjectNames = Readonly<Record<string, string>>
export type StackObjects = {
  readonly configs: ObjectNames
  readonly secrets: ObjectNames
  /** Keyed hashes of the secrets that are variables. Default: none. */
  readonly environment?: ObjectNames
}

/** The label that carries the hash of the specification a service was deployed from. */
export const specLabel = 'brd.spec'

/** The label that carries the whole name of an image that a service runs by its id alone. */
const imageLabel = 'brd.image'

/** Adds the hash of the whole specification to the labels of a service. */
export const stampService = (asked: ComposeService, objects: StackObjects): ComposeService => {
  const service = useImageId(asked)
  const used = [
    ...Object.values(service.secretEnvironment ?? {}).map(name => objects.environment?.[name]),
    ...(service.configs ?? []).map(c => objects.configs[c.source]),
    ...(service.secrets ?? []).map(s => objects.secrets[s.source]),
  ]
  const labels = { ...service.deploy.labels, [specLabel]: hashJson([service, used]) }
  return { ...service, deploy: { ...service.deploy, labels } }
}

const useImageId = (service: ComposeService): ComposeService => {
  const { image, deploy } = service
  return resolveRunName(image) === image
    ? service
    : {
        ...service,
        image: resolveRunName(image),
        deploy: { ...deploy, labels: { ...deploy.labels, [imageLabel]: image } },
      }
}

/**
 * Renders the compose file of a stack for `docker stack deploy` of 20.10 to 29. Configs and secrets
 * are external, by their hashed names. A YAML 1.1 parser reads every value back unchanged, and `$`
 * is doubled, so that nothing comes from an environment.
 */
export const renderCompose = (compose: Compose, objects: StackObjects): string => {
  const { services, networks, volumes = [] } = compose
  const file = {
    // Debian's docker.io (20.10) reads a file without it as version 1 of the format.
    version: '3.9',
    services: mapValues(services, service =>
      escapeDollars(markSecrets(stampService(service, objects))),
    ),
    networks: mapValues(networks, renderNetwork),
    ...(volumes.length > 0 ? { volumes: Object.fromEntries(volumes.map(name => [name, {}])) } : {}),
    ...renderExternal('configs', objects.configs),
    ...renderExternal('secrets', objects.secrets),
  }
  const document = new Document(file, {
    version: '1.1',
    aliasDuplicateObjects: false,
    customTags: removeMergeTag,
  })
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && typeof node.value === 'string' && plainTraps.test(node.value))
        node.type = 'QUOTE_DOUBLE'
    },
  })
  return document.toString({ lineWidth: 0 })
}

/** Stands in the file for a secret, which takes its place when the file is sent. */
export const markSecret = (name: string): string => `brd-secret-${name}-brd`

const markSecrets = (service: ComposeService) => {
  const { secretEnvironment, ...rest } = service
  return secretEnvironment
    ? { ...rest, environment: { ...rest.environment, ...mapValues(secretEnvironment, markSecret) } }
    : rest
}

// The merge tag would write `<<` unquoted.
const removeMergeTag = (tags: Tags): Tags =>
  tags.filter(
    tag => tag !== 'merge' && (typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:merge'),
  )

// The yaml library leaves these unquoted, and a YAML 1.1 parser reads them as a default, a merge or
// a number in base 60.
const plainTraps = /^(=|<<|[-+]?[\d_]+(:[\d_]+)+(\.\d*)?|[-+]?0o[0-7]+)$/

const mapValues = <T, U>(
  record: Readonly<Record<string, T>>,
  to: (item: T) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, item]) => [key, to(item)]))

const renderExternal = (kind: 'configs' | 'secrets', names: ObjectNames): object =>
  Object.keys(names).length === 0
    ? {}
    : { [kind]: mapValues(names, name => ({ name, external: true })) }

const renderNetwork = (want: Network): object => {
  if (want.external) return { external: true }
  const { attachable, internal, mtu, subnet, encrypted } = want
  const options = {
    ...(mtu === undefined ? {} : { 'com.docker.network.driver.mtu': String(mtu) }),
    ...(encrypted ? { encrypted: '' } : {}),
  }
  return {
    driver: 'overlay',
    ...(attachable === undefined ? {} : { attachable }),
    ...(internal === undefined ? {} : { internal }),
    ...(Object.keys(options).length === 0 ? {} : { driver_opts: options }),
    ...(subnet === undefined ? {} : { ipam: { config: [{ subnet }] } }),
  }
}

const escapeDollars = (value: unknown): unknown =>
  typeof value === 'string'
    ? value.replaceAll('$', '$$$$')
    : Array.isArray(value)
      ? value.map(escapeDollars)
      : value && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapeDollars(item)]))
        : value
