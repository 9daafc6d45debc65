import type { Compose, Network } from '../../compose/compose.ts'
import type { ServiceFacts } from '../../compose/fact-lines.ts'
import { type Hmac, nameConfig, nameSecret } from '../../compose/names.ts'
import { renderCompose, type StackObjects } from '../../compose/render.ts'
import { describeService, listNetworks } from '../../compose/service-facts.ts'
import { parseNanoseconds } from '../../compose/units.ts'
import { OptionError } from '../../errors/option-error.ts'
import type { Secret } from '../../secret.ts'

type Common = {
  /** The stack's name, which prefixes the names of all its objects. */
  readonly name: string
  /** `absent`: its services, networks, configs and secrets are removed. Default present. */
  readonly state?: 'present'
  /** Its services, networks and volumes. */
  readonly compose: Compose
  /**
   * Files that services mount, by name. Their names on the cluster contain a hash of their content.
   * Default none.
   */
  readonly configs?: Readonly<Record<string, string>>
  /** How long it may take to converge, in seconds. Default 300. */
  readonly timeoutSeconds?: number
  /**
   * How long a new task must have run before it counts as well, in seconds: a program that ends
   * later is not noticed by the deploy. Default, for each service: 10 and the delay of its restart
   * policy (default: 5), or the start period of its health check if that is longer; at most
   * 30.
   */
  readonly holdSeconds?: number
  /**
   * True: if a deploy fails at any point, make the whole stack again what it was: changed services
   * go back, removed ones are created again, new ones are removed. If the run is killed, the next
   * one ends the deploy or rolls it back. False: only the failed services are rolled back. Default
   * false.
   */
  readonly rollbackStack?: boolean
}
/** A wanted stack. */
export type Stack = Common &
  (
    | { readonly secrets?: never; readonly environmentSecrets?: never; readonly hmac?: never }
    | {
        /** Values that services mount below /run/secrets, by name. */
        readonly secrets: Readonly<Record<string, Secret>>
        /**
         * Values of the variables in `secretEnvironment`, by name: at most 40 letters, digits and
         * dashes. Default none.
         */
        readonly environmentSecrets?: Readonly<Record<string, Secret>>
        /** Makes keyed hashes for the secrets' names, with a key of the encrypted store. */
        readonly hmac: Hmac
      }
  )

/** A wanted stack with everything derived from it. */
export type WantedStack = {
  readonly name: string
  readonly services: ReadonlyMap<string, ServiceFacts>
  readonly replicas: ReadonlyMap<string, number | 'global'>
  readonly networks: ReadonlyMap<string, Exclude<Network, { external: true }>>
  readonly external: readonly string[]
  readonly objects: StackObjects
  readonly configs: ReadonlyMap<string, string>
  readonly secrets: ReadonlyMap<string, Secret>
  /** By their names in the stack: values of variables. */
  readonly environmentSecrets: ReadonlyMap<string, Secret>
  readonly file: string
  readonly seconds: number
  /** How long new tasks must have run, in seconds, by the full names of their services. */
  readonly holds: ReadonlyMap<string, number>
  readonly rollbackStack: boolean
}

/** Derives the names and the compose file, and reports contradictions before any connection. */
export const deriveStack = ({
  name,
  compose,
  configs = {},
  secrets = {},
  environmentSecrets = {},
  hmac,
  timeoutSeconds: seconds = 300,
  holdSeconds,
  rollbackStack = false,
}: Stack): WantedStack => {
  const objects: StackObjects = {
    configs: mapRecord(configs, (content, key) => nameConfig(name, key, content)),
    secrets: mapRecord(secrets, (secret, key) => nameSecret(name, key, secret, hmac as Hmac)),
    environment: mapRecord(environmentSecrets, (secret, key) =>
      nameSecret(name, key, secret, hmac as Hmac),
    ),
  }
  const faults = [
    ...(/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(name) ? [] : [explainName(name)]),
    ...(Object.keys(compose.services).length === 0 ? ['it has no service'] : []),
    ...findFaults(compose, objects),
    ...Object.entries(configs).flatMap(([key, text]) =>
      text === '' ? [`config ${key} is empty: Docker refuses it`] : [],
    ),
  ]
  if (faults.length > 0) throw new OptionError(faults.map(message => ({ message })))
  const networks = Object.entries(compose.networks)
  const external = networks.filter(([, network]) => network.external).map(([network]) => network)
  const services = Object.entries(compose.services)
  return {
    name,
    services: new Map(
      services.map(([key, service]) => [
        key,
        describeService(name, key, service, objects, new Set(external)),
      ]),
    ),
    replicas: new Map(
      services.map(([key, { deploy }]) => [
        key,
        deploy.mode === 'global' ? 'global' : (deploy.replicas ?? 1),
      ]),
    ),
    networks: new Map(
      networks.flatMap(([key, network]) => (network.external ? [] : [[`${name}_${key}`, network]])),
    ),
    external,
    objects,
    configs: new Map(
      Object.entries(configs).map(([key, text]) => [objects.configs[key] as string, text]),
    ),
    secrets: new Map(
      Object.entries(secrets).map(([key, secret]) => [objects.secrets[key] as string, secret]),
    ),
    environmentSecrets: new Map(Object.entries(environmentSecrets)),
    file: renderCompose(compose, objects),
    seconds,
    holds: new Map(
      services.map(([key, service]) => [`${name}_${key}`, holdSeconds ?? deriveHold(service)]),
    ),
    rollbackStack,
  }
}

/** The volume c of a stack a_b would be b_c of a stack a, and each would have the other's data. */
const explainName = (name: string): string =>
  `${JSON.stringify(name)} is not a stack's name: use letters, digits, dots and dashes; ` +
  'with a _ its objects could be those of another stack'

/** Derives how long a new task must have run: longer than a restart takes, or than its start. */
const deriveHold = ({ deploy, healthcheck }: Compose['services'][string]): number => {
  const seconds = (duration: string) => parseNanoseconds(duration) / 1e9
  const delay = seconds(deploy.restart_policy?.delay ?? '5s')
  const start = healthcheck && 'test' in healthcheck ? seconds(healthcheck.start_period ?? '0s') : 0
  return Math.min(30, Math.ceil(Math.max(10 + delay, start)))
}

/** Lists names that the stack does not define, and what the cluster would refuse or do badly. */
const findFaults = (
  { services, networks, volumes = [] }: Compose,
  objects: StackObjects,
): readonly string[] =>
  Object.entries(services).flatMap(([name, service]) => [
    ...findMissing(
      `${name}: network`,
      listNetworks(service).map(([of]) => of),
      Object.keys(networks),
    ),
    ...findMissing(
      `${name}: volume`,
      (service.volumes ?? []).flatMap(m => (m.type === 'volume' ? [m.source] : [])),
      volumes,
    ),
    ...findMissing(
      `${name}: config`,
      (service.configs ?? []).map(c => c.source),
      Object.keys(objects.configs),
    ),
    ...findMissing(
      `${name}: secret`,
      (service.secrets ?? []).map(s => s.source),
      Object.keys(objects.secrets),
    ),
    ...findMissing(
      `${name}: secret of a variable`,
      Object.values(service.secretEnvironment ?? {}),
      Object.keys(objects.environment ?? {}),
    ),
    ...(listNetworks(service).length === 0
      ? [`${name}: networks is empty, and Docker would make one for it: list one of the stack's`]
      : []),
    ...checkPorts(name, service),
  ])

const findMissing = (
  what: string,
  used: readonly string[],
  there: readonly string[],
): readonly string[] =>
  used
    .filter(name => !there.includes(name))
    .map(name => `${what} ${name} is not in the stack (there is: ${there.join(', ') || 'none'})`)

const checkPorts = (
  name: string,
  { ports: list = [], deploy }: Compose['services'][string],
): readonly string[] => [
  ...(list.some(p => p.mode === 'host') && deploy.update_config?.order === 'start-first'
    ? [
        `${name}: a port in host mode needs update order stop-first: ` +
          'the old and the new task cannot both bind it',
      ]
    : []),
  ...(list.some(p => p.mode === 'ingress') && deploy.endpoint_mode === 'dnsrr'
    ? [`${name}: a port in ingress mode needs endpoint_mode vip`]
    : []),
]

const mapRecord = <T>(
  record: Readonly<Record<string, T>>,
  to: (item: T, key: string) => string,
): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([key, item]) => [key, to(item, key)]))
