import { Document, isScalar, type Tags, visit } from 'yaml'
import type { Compose, Network, Service } from './compose.ts'
import { asRun } from './image.ts'
import { hashOf } from './names.ts'

/** What a config or secret is called on the cluster, by its name in the stack. */
export type Names = Readonly<Record<string, string>>
export type Objects = { readonly configs: Names; readonly secrets: Names }

/** The label that carries the hash of the specification a service was deployed from. */
export const specLabel = 'brd.spec'

/** The label that carries the whole name of an image that a service runs by its id alone. */
const imageLabel = 'brd.image'

/** A service as it is deployed: the hash of all that was asked for stands in its labels. */
export const stamped = (asked: Service, objects: Objects): Service => {
  const service = byId(asked)
  const used = [
    ...(service.configs ?? []).map(c => objects.configs[c.source]),
    ...(service.secrets ?? []).map(s => objects.secrets[s.source]),
  ]
  const labels = { ...service.deploy.labels, [specLabel]: hashOf([service, used]) }
  return { ...service, deploy: { ...service.deploy, labels } }
}

const byId = (service: Service): Service => {
  const { image, deploy } = service
  return asRun(image) === image
    ? service
    : {
        ...service,
        image: asRun(image),
        deploy: { ...deploy, labels: { ...deploy.labels, [imageLabel]: image } },
      }
}

/**
 * The compose file of a stack, as `docker stack deploy` of 20.10 to 29 reads it. Configs and
 * secrets are external, by their
 * hashed names. A YAML 1.1 reader reads back what was meant; `$` is doubled, so that nothing is
 * taken from an environment.
 */
export const render = (compose: Compose, objects: Objects): string => {
  const { services, networks, volumes = [] } = compose
  const file = {
    // Debian's docker.io (20.10) takes a file without it for the first version of the format.
    version: '3.9',
    services: map(services, service => dollars(stamped(service, objects))),
    networks: map(networks, network),
    ...(volumes.length > 0 ? { volumes: Object.fromEntries(volumes.map(name => [name, {}])) } : {}),
    ...external('configs', objects.configs),
    ...external('secrets', objects.secrets),
  }
  const document = new Document(file, {
    version: '1.1',
    aliasDuplicateObjects: false,
    customTags: noMerge,
  })
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && typeof node.value === 'string' && plainTraps.test(node.value))
        node.type = 'QUOTE_DOUBLE'
    },
  })
  return document.toString({ lineWidth: 0 })
}

// The tag of merges writes `<<` as it is, whatever is asked.
const noMerge = (tags: Tags): Tags =>
  tags.filter(
    tag => tag !== 'merge' && (typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:merge'),
  )

// The yaml library leaves these plain, and a reader of YAML 1.1 takes them for a default, a merge
// or a number of base 60.
const plainTraps = /^(=|<<|[-+]?[\d_]+(:[\d_]+)+(\.\d*)?|[-+]?0o[0-7]+)$/

const map = <T, U>(record: Readonly<Record<string, T>>, to: (item: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, item]) => [key, to(item)]))

const external = (kind: 'configs' | 'secrets', names: Names): object =>
  Object.keys(names).length === 0 ? {} : { [kind]: map(names, name => ({ name, external: true })) }

const network = (want: Network): object => {
  if (want.external) return { external: true }
  const { attachable, internal, mtu, subnet } = want
  return {
    driver: 'overlay',
    ...(attachable === undefined ? {} : { attachable }),
    ...(internal === undefined ? {} : { internal }),
    ...(mtu === undefined ? {} : { driver_opts: { 'com.docker.network.driver.mtu': String(mtu) } }),
    ...(subnet === undefined ? {} : { ipam: { config: [{ subnet }] } }),
  }
}

const dollars = (value: unknown): unknown =>
  typeof value === 'string'
    ? value.replaceAll('$', '$$$$')
    : Array.isArray(value)
      ? value.map(dollars)
      : value && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, dollars(item)]))
        : value
