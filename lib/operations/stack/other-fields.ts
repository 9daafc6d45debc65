import type { ServiceFacts } from '../../compose/fact-lines.ts'

/** Fields of a specification: read elsewhere (true), the value that means nothing, or parts. */
type Fields = { readonly [field: string]: true | string | Fields }

const amounts: Fields = { NanoCPUs: true, MemoryBytes: true }
const update: Fields = {
  ...{ Parallelism: true, Delay: true, FailureAction: true },
  ...{ Monitor: true, MaxFailureRatio: true, Order: true },
}

/**
 * The fields of Docker's API that `listRunningFacts` reads, that Docker derives (digests of
 * platforms, ids of configs and secrets), or that say nothing about how tasks run (ForceUpdate
 * counts restarts by hand).
 */
const KNOWN: Fields = {
  ...{ Name: true, Labels: true },
  TaskTemplate: {
    ContainerSpec: {
      ...{ Image: true, Labels: true, Command: true, Args: true, Hostname: true, Env: true },
      ...{ Dir: true, User: true, Init: true, StopSignal: true, StopGracePeriod: true },
      ...{ ReadOnly: true, Hosts: true, Sysctls: true, Ulimits: true },
      ...{ CapabilityAdd: true, CapabilityDrop: true, Isolation: 'default' },
      Healthcheck: { Test: true, Interval: true, Timeout: true, Retries: true, StartPeriod: true },
      DNSConfig: { Nameservers: true },
      Mounts: {
        ...{ Type: true, Source: true, Target: true, ReadOnly: true },
        BindOptions: { Propagation: 'rprivate' },
        VolumeOptions: { Labels: { 'com.docker.stack.namespace': true } },
      },
      Secrets: { File: true, SecretID: true, SecretName: true },
      Configs: { File: true, ConfigID: true, ConfigName: true },
    },
    Resources: { Limits: { ...amounts, Pids: true }, Reservations: amounts },
    RestartPolicy: { Condition: true, Delay: true, MaxAttempts: true, Window: true },
    Placement: { Constraints: true, Preferences: true, MaxReplicas: true, Platforms: true },
    Networks: { Target: true, Aliases: true },
    LogDriver: true,
    ...{ ForceUpdate: true, Runtime: 'container' },
  },
  Mode: { Replicated: { Replicas: true }, Global: true },
  ...{ UpdateConfig: update, RollbackConfig: update },
  EndpointSpec: {
    Mode: true,
    Ports: { Name: true, Protocol: true, TargetPort: true, PublishedPort: true, PublishMode: true },
  },
}

/**
 * Lists what a running service has in fields that a stack cannot set: a terminal, a driver of a
 * volume, an option that this project does not know. They were set by hand, and a deploy removes
 * them. The key is the field's path in Docker's API.
 */
export const listOtherFields = (spec: object): ServiceFacts =>
  Object.fromEntries(listUnknown(spec, KNOWN, ''))

const listUnknown = (value: unknown, known: Fields, path: string): [string, string][] =>
  Array.isArray(value)
    ? value.flatMap((item, i) => listUnknown(item, known, `${path}[${nameItem(item, i)}]`))
    : Object.entries((value ?? {}) as object).flatMap(([field, inner]) => {
        const rule = known[field]
        if (rule === true || rule === inner || isNothing(inner)) return []
        const at = path === '' ? field : `${path}.${field}`
        return typeof rule === 'object'
          ? listUnknown(inner, rule, at)
          : [[at.replace(/^TaskTemplate\./, ''), JSON.stringify(inner)] as [string, string]]
      })

const nameItem = (item: unknown, i: number): string => {
  const { Target, Name, TargetPort } = (item ?? {}) as Readonly<Record<string, unknown>>
  return String(Target ?? Name ?? TargetPort ?? i)
}

/** Docker writes some fields that were never set. */
const isNothing = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (typeof value === 'object' && Object.values(value).every(isNothing))
