import * as z from 'zod'
import type { Problem } from '../../lib/errors/input-error.ts'
import { declareSettings, findClashes, format, type InventoryFile } from '../../lib/settings.ts'

/** The tools that answer below a cluster's domain. */
const TOOLS = ['traefik', 'portainer', 'grafana', 'loki']

/** The entry point of a cluster: its domain, and the certificates of all that it routes. */
export const traefikSettings = declareSettings({
  role: 'traefik',
  settings: {
    /**
     * The tools answer at traefik.DOMAIN, portainer.DOMAIN, grafana.DOMAIN, loki.DOMAIN. Required,
     * one for each cluster.
     */
    domain: format.dnsName,
    /** The authority that issues the certificates. */
    acme: z.strictObject({
      /** Address that the authority writes to. Required. */
      email: format.words.refine(it => /^[^@\s]+@[^@\s]+$/.test(it), 'is not an e-mail address'),
      /**
       * Directory of the ACME server. Default: Let's Encrypt. Use its staging directory while you
       * rehearse: the real one issues 50 certificates a week.
       */
      server: format.url.default('https://acme-v02.api.letsencrypt.org/directory'),
      /**
       * Path of a PEM file with the CA that signed the ACME server's own certificate. Default: the
       * system's CAs.
       */
      ca: format.words.exactOptional(),
    }),
    /** The images of the tools. */
    images: z.strictObject({
      /** Traefik 3, 3.6.1 or later, with a tag or a digest. Required. */
      traefik: format.imageRef,
      /**
       * nginx, for the proxies through which Traefik and Alloy ask Docker. Default nginx:1.30.
       */
      socketProxy: format.imageRef.default('nginx:1.30'),
    }),
  },
  check: file => checkDomains(file),
})

/** Finds host names that two clusters, or two environments, would both be asked for. */
const checkDomains = ({ clusters, environments, problem }: InventoryFile): readonly Problem[] => {
  const owned = clusters.filter(({ entry }) => typeof entry['domain'] === 'string')
  const tools = owned.flatMap(({ name, entry, path }) =>
    TOOLS.map(tool => ({
      host: `${tool}.${entry['domain']}`.toLowerCase(),
      owner: `the tools of ${name}`,
      path,
    })),
  )
  const routed = environments.flatMap(({ name, path, entry }) =>
    (Array.isArray(entry['hosts']) ? entry['hosts'] : []).map((host, i) => ({
      host: String(host).toLowerCase(),
      owner: name,
      path: [...path, 'hosts', i],
    })),
  )
  return [
    ...findClashes(
      owned,
      ({ entry }) => String(entry['domain']).toLowerCase(),
      ({ path, entry }, first) =>
        problem([...path, 'domain'], `${entry['domain']} is the domain of ${first.name} too`),
    ),
    ...findClashes(
      [...new Map(tools.map(tool => [tool.host, tool])).values(), ...routed],
      ({ host }) => host,
      ({ path, host }, first) => problem(path, `${host} belongs to ${first.owner} already`),
    ),
  ]
}
