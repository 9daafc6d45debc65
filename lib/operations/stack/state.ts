import { type Output, Unknown, unreadable } from '../../operation.ts'
import type { Sh } from '../../sh.ts'
import { sh } from '../../sh.ts'
import { formatFilter, needsDocker, queryApi, readAnswers, stackLabel } from '../docker/api.ts'
import { type DeployRecord, printRecord, readRecord } from './record.ts'
import { type ApiContainer, type ApiService, type ApiSpec, listObjects } from './running.ts'

/** A stack on the cluster, and what earlier deploys left on the manager. */
export type StackState = DeployRecord & {
  /** By their names in the stack. */
  readonly services: ReadonlyMap<string, ApiService>
  /** By service id: running tasks, and how many of them run the current specification. */
  readonly tasks: ReadonlyMap<
    string,
    { readonly running: number; readonly current: number; readonly error?: string }
  >
  /** By id: the stack's networks and the external ones it uses. */
  readonly networks: ReadonlyMap<string, ApiNetwork>
  readonly configs: readonly string[]
  readonly secrets: readonly string[]
  /** Text of running configs that are not wanted, to show what changes. */
  readonly contents: ReadonlyMap<string, string>
}
export type ApiNetwork = {
  readonly Id: string
  readonly Name: string
  readonly Driver?: string
  readonly Attachable?: boolean
  readonly Internal?: boolean
  readonly Options?: Readonly<Record<string, string>> | null
  readonly IPAM?: { readonly Config?: readonly { readonly Subnet?: string }[] | null }
  readonly Labels?: Readonly<Record<string, string>> | null
}
type ApiTask = {
  ServiceID: string
  Spec: { ContainerSpec: ApiContainer }
  Status: { State: string; Err?: string }
}
type ApiObject = { Spec: { Name: string; Data?: string } }

/**
 * Prints a stack in one process: services, running tasks, networks, names of configs and secrets,
 * and the text of configs that will be replaced.
 */
export const printStack = (
  stack: string,
  external: readonly string[],
  configs: readonly string[],
): Sh => {
  const own = formatFilter({ label: [`${stackLabel}=${stack}`] })
  const paths = [
    `/services?status=true&${own}`,
    `/tasks?${formatFilter({ label: [`${stackLabel}=${stack}`], 'desired-state': ['running'] })}`,
    `/networks?${own}`,
    ...(external.length > 0 ? [`/networks?${formatFilter({ name: external })}`] : []),
    `/configs?${own}`,
    `/secrets?${own}`,
  ]
  return sh`${needsDocker}
${printRecord(stack)}
answer=$(${queryApi(paths)}) || exit
# Leaves out the text of configs, except running ones that are not wanted, and what moves by
# itself: while tasks fail and start again, the stack still reads the same.
printf '%s\n' "$answer" | sed -n '1,2p' | sed -E 's/"(Running|Completed)Tasks":[0-9]+/"\1Tasks":0/g'
printf '%s\n' "$answer" | sed -n '3p' | sed 's/^\[//; s/\]$//; s/},{"ID":"/},\n{"ID":"/g' |
  sed -E ${stillTask} | sort | awk 'BEGIN { printf "[" } NR > 1 { printf "," } { printf "%s", $0 }
  END { print "]" }'
printf '%s\n' "$answer" | sed -n '4,$p' | sed 's/"Data":"[^"]*"/"Data":""/g'
printf '%s\n' "$answer" | sed -n '1{s/},{"ID":/},\n{"ID":/g;p;}' | sed 's/"PreviousSpec":.*//' |
  grep -o '"ConfigName":"[^"]*"' | cut -d '"' -f 4 | sort -u |
while read -r name; do
  case ${` ${configs.join(' ')} `} in *" $name "*) ;; *) ${queryApi(['/configs/'])}"$name" ;; esac
done`
}

// Of a task: its service, its specification, whether it runs, and why not.
const stillTask = [
  's/,$//',
  's/^\\{"ID":"[^"]*","Version":\\{"Index":[0-9]+\\},/{/',
  's/"(CreatedAt|UpdatedAt|NodeID|Timestamp|Message)":"[^"]*",//g',
  's/"Slot":[0-9]+,//',
  's/"State":"(new|pending|assigned|accepted|ready|preparing|starting)"/"State":"waiting"/',
  's/,"ContainerStatus":\\{[^{}]*\\}//',
  's/,"PortStatus":\\{(\\}|"Ports":\\[[^]]*\\]\\})//',
  's/,"NetworksAttachments":.*\\}$/}/',
].join('; ')

/** Reads what the probe printed. A node that is not a manager answers 503: unknown. */
export const readStack = (out: Output, external: readonly string[]): StackState | Unknown => {
  if (out.exitCode !== 0) return unreadable(out, 'the stack cannot be read')
  const { before, images, rest } = readRecord(out.stdout.toString())
  const all = readAnswers(rest)
  const refused = all.find(({ status }) => status !== 200)
  if (refused || all.length < 5)
    return new Unknown(
      `Docker says: ${(refused?.body as { message?: string } | null)?.message ?? 'nothing'}`,
    )
  const bodies = all.map(({ body }) => body as never)
  const list = (i: number): readonly never[] => (bodies[i] as readonly never[] | undefined) ?? []
  const services = list(0) as readonly ApiService[]
  const shift = external.length > 0 ? 1 : 0
  const networks = [
    ...list(2),
    ...(shift ? list(3).filter(({ Name }: ApiNetwork) => external.includes(Name)) : []),
  ] as readonly ApiNetwork[]
  const replaced = bodies.slice(5 + shift) as readonly ApiObject[]
  return {
    before,
    images,
    services: new Map(services.map(service => [stripStackName(service), service])),
    tasks: new Map(
      services.map(service => [service.ID, countTasks(service, list(1) as readonly ApiTask[])]),
    ),
    networks: new Map(networks.map(network => [network.Id, network])),
    configs: (list(3 + shift) as readonly ApiObject[]).map(({ Spec }) => Spec.Name),
    secrets: (list(4 + shift) as readonly ApiObject[]).map(({ Spec }) => Spec.Name),
    contents: new Map(
      replaced.map(({ Spec }) => [Spec.Name, Buffer.from(Spec.Data ?? '', 'base64').toString()]),
    ),
  }
}

/** Lists configs and secrets that neither the running nor the previous version mounts. */
export const findUnused = (
  { services, configs, secrets, before }: StackState,
  wanted: readonly string[],
): { configs: string[]; secrets: string[] } => {
  const kept = new Set([
    ...wanted,
    ...[...services.values()].flatMap(s => [
      ...listObjects(s.Spec),
      ...listObjects(s.PreviousSpec),
    ]),
    ...[...(before?.values() ?? [])].flatMap(spec => listObjects(JSON.parse(spec) as ApiSpec)),
  ])
  return {
    configs: configs.filter(name => !kept.has(name)),
    secrets: secrets.filter(name => !kept.has(name)),
  }
}

const stripStackName = ({ Spec }: ApiService): string => {
  const stack = Spec.Labels?.[stackLabel] ?? ''
  return Spec.Name.startsWith(`${stack}_`) ? Spec.Name.slice(stack.length + 1) : Spec.Name
}

const countTasks = (service: ApiService, tasks: readonly ApiTask[]) => {
  const mine = tasks.filter(task => task.ServiceID === service.ID)
  const running = mine.filter(task => task.Status.State === 'running')
  const wanted = formatCompact(service.Spec.TaskTemplate.ContainerSpec)
  const error = mine.find(task => task.Status.Err)?.Status.Err
  return {
    running: running.length,
    current: running.filter(task => formatCompact(task.Spec.ContainerSpec) === wanted).length,
    ...(error ? { error } : {}),
  }
}

// Ignores empty values: a task omits what its service has as {} or null.
const formatCompact = (value: unknown): string =>
  JSON.stringify(value, (_, item) => (isEmpty(item) ? undefined : item))
const isEmpty = (item: unknown): boolean =>
  item === null ||
  item === '' ||
  (typeof item === 'object' &&
    Object.values(item as object).every(
      inner => inner === null || inner === '' || (typeof inner === 'object' && isEmpty(inner)),
    ))
