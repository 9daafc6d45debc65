import type { Bytes, ComposeMount, Healthcheck } from '../../../compose/compose.ts'
import type { Operation, OperationWithPaths } from '../../../operation.ts'

export type Container = Running | Gone

export type Gone = {
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
  readonly timeoutSeconds?: number
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
