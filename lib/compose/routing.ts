/** A route to a service through Traefik. */
export type ServiceRoute = {
  /** Name of its router, unique in the cluster: `STACK-SERVICE`. */
  readonly name: string
  /** The host name that it serves, or several. */
  readonly host: string | readonly string[]
  /** The port in the container. */
  readonly port: number
  /** The network, by its full name, that Traefik shares with it. */
  readonly network: string
  /** Such as `auth@file`. Default none. */
  readonly middlewares?: readonly string[]
  /**
   * How often a request is sent again, to another task, if a task accepts no connection. A request
   * that a task has begun to answer is never repeated. Default 0.
   */
  readonly retries?: number
}

/** Builds the labels for Traefik 3. They belong on the service, not on its containers. */
export const buildRouteLabels = ({
  name,
  host,
  port,
  network,
  middlewares = [],
  retries = 0,
}: ServiceRoute): Record<string, string> => {
  const all = [...middlewares, ...(retries > 0 ? [`${name}-retry`] : [])]
  return {
    'traefik.enable': 'true',
    'traefik.swarm.network': network,
    [`traefik.http.routers.${name}.rule`]: [host]
      .flat()
      .map(one => `Host(\`${one}\`)`)
      .join(' || '),
    [`traefik.http.routers.${name}.entrypoints`]: 'websecure',
    [`traefik.http.routers.${name}.tls.certresolver`]: 'acme',
    ...(all.length > 0 ? { [`traefik.http.routers.${name}.middlewares`]: all.join(',') } : {}),
    ...(retries > 0 ? buildRetryLabels(name, retries) : {}),
    // Traefik cannot learn the port from Swarm.
    [`traefik.http.services.${name}.loadbalancer.server.port`]: String(port),
  }
}

const buildRetryLabels = (name: string, retries: number): Record<string, string> => ({
  [`traefik.http.middlewares.${name}-retry.retry.attempts`]: String(retries + 1),
  [`traefik.http.middlewares.${name}-retry.retry.initialinterval`]: '100ms',
})
