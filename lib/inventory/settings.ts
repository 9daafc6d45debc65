import * as z from 'zod'
import { app, appDefaults } from './app.ts'
import * as f from './formats.ts'

/** Traefik's certificates. */
const acme = z.strictObject({
  /** Address that the authority writes to. Required. */
  email: f.words.refine(it => /^[^@\s]+@[^@\s]+$/.test(it), 'is not an e-mail address'),
  /**
   * Directory of the ACME server. Default: Let's Encrypt. Use its staging directory while
   * rehearsing: 50 certificates a week is all there is.
   */
  server: f.url,
  /**
   * Path of a PEM file with the CA that signed the ACME server's own certificate. Default: the
   * system's CAs.
   */
  ca: f.words.optional(),
})

/** Docker Engine. */
const engine = z.strictObject({
  /** `docker-ce` from Docker's repository, or Debian's `docker.io`. Default docker-ce. */
  package: z.enum(['docker-ce', 'docker.io']),
  /** Version to hold, as apt writes it. Default: whatever is newest at the first run. */
  version: f.words.optional(),
  /** Addresses of mirrors of Docker Hub. Default none. */
  mirrors: z.array(f.url),
})

/** Docker Swarm. */
const swarm = z.strictObject({
  /**
   * Network that overlays take their /24 from; it must not overlap the servers' own networks. Fixed
   * at init. Default 10.64.0.0/14.
   */
  pool: f.cidr,
})

/** Images of the tools, pinned by a tag or a digest. Each required. */
const images = z.strictObject({
  /** Traefik 3. */
  traefik: f.imageRef,
  /** Portainer's server. */
  portainer: f.imageRef,
  /** Portainer's agent: the same version as the server. */
  agent: f.imageRef,
  /** Loki 3. */
  loki: f.imageRef,
  /** Alloy, which ships the logs. */
  alloy: f.imageRef,
  /** Grafana. */
  grafana: f.imageRef,
})

/** Who may reach what. */
const firewall = z.strictObject({
  /**
   * Networks that sshd answers. 80 and 443 are open to all; the swarm's ports to the cluster's own
   * servers. Required.
   */
  admin: z.array(f.cidr).min(1, 'is empty: nobody could log in'),
})

/** sshd. Passwords are always off. */
const ssh = z.strictObject({
  /**
   * Whether root may log in by key. Default true; set false where `user` is another one with sudo.
   */
  rootLogin: z.boolean(),
  /** Sessions that one connection may open; 10 or more. Default 10. */
  maxSessions: z.int().min(10, 'is below 10, which the runner needs'),
  /** Seconds without a word from a client before it is dropped. Default 300. */
  idleSeconds: z.int().min(30, 'is below 30 seconds'),
})

/** A person who may log in. */
const operator = z.strictObject({
  /** Lines of authorized_keys. At least one. */
  keys: z.array(f.sshKey).min(1, 'is empty: the operator could not log in'),
  /** Whether the person may become root without a password. Default true. */
  sudo: z.boolean().optional(),
})

/** How long logs are kept. */
const logs = z.strictObject({
  /** Days in Loki. Default 31. */
  days: z.int().min(1, 'is below one day'),
  /** Size of a container's log file on its host, as Docker writes it. Default 20m. */
  size: f.words.regex(/^\d+[kmg]$/, 'is not a size such as 20m'),
  /** Files of that size kept for each container. Default 5. */
  files: z.int().min(1, 'is below 1'),
})

/**
 * What a server is like and what its cluster's tools need. Each may be set for all, a cluster or a
 * server; the nearest wins, maps are merged key by key.
 */
export const settings = z.strictObject({
  /** Port of sshd. Default 22. */
  port: f.port,
  /** User who logs in. Default root. */
  user: f.userName,
  /** Whether commands need sudo. Default: unless the user is root. */
  sudo: z.boolean().optional(),
  /** Private key file to log in with. Default: the agent's and ssh's own. */
  identityFile: f.words.optional(),
  /** known_hosts file. Default ~/.ssh/known_hosts. */
  knownHosts: f.words.optional(),
  /**
   * The tools answer at traefik.DOMAIN, portainer.DOMAIN, grafana.DOMAIN, loki.DOMAIN. Required,
   * one for each cluster.
   */
  domain: f.dnsName,
  /** Time zone of the servers and their cron. Default Etc/UTC. */
  timezone: f.timezone,
  acme,
  engine,
  swarm,
  images,
  firewall,
  ssh,
  /** Those who may log in, by their Linux user. Default none. */
  operators: z.record(f.userName, operator),
  logs,
  app,
})
/** The settings of a host, complete. */
export type Settings = z.infer<typeof settings>

/** What holds where nothing is set. What is not here must be set. */
export const defaults = {
  port: 22,
  user: 'root',
  timezone: 'Etc/UTC',
  acme: { server: 'https://acme-v02.api.letsencrypt.org/directory' },
  engine: { package: 'docker-ce', mirrors: [] },
  swarm: { pool: '10.64.0.0/14' },
  ssh: { rootLogin: true, maxSessions: 10, idleSeconds: 300 },
  operators: {},
  logs: { days: 31, size: '20m', files: 5 },
  app: appDefaults,
} as const
