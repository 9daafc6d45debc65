/** How a service is reached through Traefik. */
export type Route = {
  /** Names its router: unique in the cluster, so `STACK-SERVICE`. */
  readonly name: string
  /** The host name that it answers to. */
  readonly host: string
  /** The port in the container. */
  readonly port: number
  /** The network, by its full name, that Traefik shares with it. */
  readonly network: string
  /** Such as `auth@file`. Default none. */
  readonly middlewares?: readonly string[]
}

/** The labels (of the service, not of its containers) that Traefik 3 routes by. */
export const routing = ({ name, host, port, network, middlewares = [] }: Route): Record<string, string> => ({
  'traefik.enable': 'true',
  'traefik.swarm.network': network,
  [`traefik.http.routers.${name}.rule`]: `Host(\`${host}\`)`,
  [`traefik.http.routers.${name}.entrypoints`]: 'websecure',
  [`traefik.http.routers.${name}.tls.certresolver`]: 'acme',
  ...(middlewares.length > 0 ? { [`traefik.http.routers.${name}.middlewares`]: middlewares.join(',') } : {}),
  // Without a port Traefik has nowhere to send a request: Swarm tells it none.
  [`traefik.http.services.${name}.loadbalancer.server.port`]: String(port),
})
