/**
 * The part of the compose format that Swarm supports, as types with compose's own keys. Keys that
 * Swarm ignores (build, container_name, depends_on, privileged, restart, links) do not compile.
 * Source: compose file format 3, and `docker stack deploy` of 20.10 to 29.
 */

/** A time such as `500ms`, `5s`, `1m30s`, `2h`. */
export type ComposeDuration =
  | `${number}${'ms' | 's' | 'm' | 'h'}`
  | `${number}m${number}s`
  | `${number}h${number}m`

/** An amount of memory such as `64M` or `1G`. Powers of 1024. */
export type Bytes = `${number}${'K' | 'M' | 'G'}`

/** A config or secret of the stack, mounted as a file. */
export type Mounted = {
  /** Its name among the stack's configs or secrets. */
  readonly source: string
  /**
   * The path in the container. A secret's is below /run/secrets unless absolute; default: its name.
   */
  readonly target?: string
  readonly uid?: string
  readonly gid?: string
  /** Permission bits. Default 0o444. */
  readonly mode?: number
}

export type Port = {
  /** The port in the container. */
  readonly target: number
  readonly published: number
  readonly protocol?: 'tcp' | 'udp'
  /**
   * `host`: on the nodes that run a task, keeping the client's address. `ingress`: on every node;
   * needs IPVS. Stated each time.
   */
  readonly mode: 'host' | 'ingress'
}

/** A named volume of the stack, at a path in the container. */
export type Volume = {
  readonly type: 'volume'
  readonly source: string
  readonly target: `/${string}`
  readonly read_only?: boolean
}

export type ComposeMount =
  | Volume
  | {
      readonly type: 'bind'
      readonly source: `/${string}`
      readonly target: `/${string}`
      readonly read_only?: boolean
    }
  | { readonly type: 'tmpfs'; readonly target: `/${string}` }

export type Healthcheck =
  | {
      readonly test: readonly ['CMD' | 'CMD-SHELL', ...string[]]
      readonly interval?: ComposeDuration
      readonly timeout?: ComposeDuration
      readonly retries?: number
      readonly start_period?: ComposeDuration
    }
  | { readonly disable: true }

export type UpdateConfig = {
  /** Tasks replaced at a time. Default 1. */
  readonly parallelism?: number
  /** Default stop-first. A host-mode port and a data volume need stop-first. */
  readonly order?: 'start-first' | 'stop-first'
  /** How long a new task is watched for failure. Default 5s. */
  readonly monitor?: ComposeDuration
  /** Default pause. */
  readonly failure_action?: 'pause' | 'continue' | 'rollback'
  readonly delay?: ComposeDuration
  /** The share of tasks that may fail before failure_action, from 0 to 1. Default 0. */
  readonly max_failure_ratio?: number
}

export type Reservations = { readonly cpus?: `${number}`; readonly memory?: Bytes }
/** `pids`: how many processes and threads a task may have. Default: no limit. */
export type Limits = Reservations & { readonly pids?: number }

export type Deploy = {
  readonly mode?: 'replicated' | 'global'
  /** Default 1. */
  readonly replicas?: number
  /** Labels of the service: where Traefik reads its routers. */
  readonly labels?: Readonly<Record<string, string>>
  /**
   * `dnsrr`: names resolve to the tasks, and no IPVS is needed. `vip`: one virtual address, whose
   * idle connections die after 900 s.
   */
  readonly endpoint_mode: 'dnsrr' | 'vip'
  readonly placement?: {
    readonly constraints?: readonly string[]
    /** Tasks are spread over the values of these labels: `node.labels.zone`. */
    readonly preferences?: readonly { readonly spread: string }[]
    /** Default: any number. */
    readonly max_replicas_per_node?: number
  }
  readonly resources?: { readonly limits?: Limits; readonly reservations?: Reservations }
  readonly restart_policy?: {
    readonly condition?: 'any' | 'on-failure'
    readonly delay?: ComposeDuration
    /** Default: without end. */
    readonly max_attempts?: number
    /** How long a task has to run to count as started. Default 0s. */
    readonly window?: ComposeDuration
  }
  readonly update_config?: UpdateConfig
  /** As update_config; its failure_action has no rollback. */
  readonly rollback_config?: Omit<UpdateConfig, 'failure_action'> & {
    readonly failure_action?: 'pause' | 'continue'
  }
}

export type ComposeService = {
  /** With a tag or a digest. */
  readonly image: `${string}:${string}`
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  /** Never a password: give the path of a secret. */
  readonly environment?: Readonly<Record<string, string>>
  /**
   * Variables with a secret as their value, by the secret's name among the stack's
   * `environmentSecrets`. Whoever may ask Docker for the service reads it: only for programs that
   * take it in no other way.
   */
  readonly secretEnvironment?: Readonly<Record<string, string>>
  readonly user?: string
  readonly working_dir?: string
  readonly hostname?: string
  readonly init?: boolean
  readonly read_only?: boolean
  readonly cap_add?: readonly string[]
  readonly cap_drop?: readonly string[]
  readonly sysctls?: Readonly<Record<string, string>>
  readonly ulimits?: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>
  /** `name:address` */
  readonly extra_hosts?: readonly string[]
  readonly dns?: readonly string[]
  /** Labels of the containers: where log shippers read. */
  readonly labels?: Readonly<Record<string, string>>
  readonly logging?: {
    readonly driver: string
    readonly options?: Readonly<Record<string, string>>
  }
  readonly networks:
    | readonly string[]
    | Readonly<Record<string, { readonly aliases: readonly string[] }>>
  readonly ports?: readonly Port[]
  readonly volumes?: readonly ComposeMount[]
  readonly configs?: readonly (Mounted & { readonly target: `/${string}` })[]
  readonly secrets?: readonly Mounted[]
  readonly healthcheck?: Healthcheck
  /** Between the stop signal and the kill. Default 10s. */
  readonly stop_grace_period?: ComposeDuration
  readonly stop_signal?: string
  readonly deploy: Deploy
}

export type Network =
  | {
      readonly external?: never
      readonly attachable?: boolean
      readonly internal?: boolean
      /** Where the underlay carries less than 1500 bytes: its MTU less 50. */
      readonly mtu?: number
      /**
       * True: what goes between two nodes is encrypted, which takes ESP in their kernels and in the
       * firewall between them. Default false.
       */
      readonly encrypted?: boolean
      /** Default: the next of the swarm's pool. */
      readonly subnet?: string
    }
  /** Exists before the stack, under this name. */
  | { readonly external: true }

export type Compose = {
  readonly services: Readonly<Record<string, ComposeService>>
  /** Those named by the services. A service's own names come from here only. */
  readonly networks: Readonly<Record<string, Network>>
  /** Named volumes, kept when the stack goes. */
  readonly volumes?: readonly string[]
}
