import * as z from 'zod'
import * as f from './formats.ts'
import { settings } from './settings.ts'

/** A layer may set any setting, and any key of one, at any depth. */
const loose = (type: z.ZodType): z.ZodType =>
  type instanceof z.ZodObject
    ? z.strictObject(
        Object.fromEntries(
          Object.entries(type.shape).map(([name, inner]) => [
            name,
            loose(inner as z.ZodType).optional(),
          ]),
        ),
      )
    : type
const partial = Object.fromEntries(
  Object.entries(settings.shape).map(([name, type]) => [name, loose(type).optional()]),
)

/** Settings alone, any of them. */
export const layerSchema = z.strictObject(partial)

/** Free variables: text, numbers, switches, lists and maps. */
const vars = z
  .record(
    f.words.regex(
      /^[A-Za-z_][A-Za-z0-9_]*$/,
      'is not the name of a variable: letters, digits and underscores',
    ),
    z.json(),
  )
  .optional()

const server = z.strictObject({
  ...partial,
  /** IP address or DNS name to connect to. Required. */
  address: f.address,
  /** Whether it is a manager of the swarm. Default: the first server of the cluster is. */
  manager: z.boolean().optional(),
  /** Further groups for patterns. Default none. */
  groups: z.array(f.name).optional(),
  /** Labels of its swarm node. Default none. */
  labels: z.record(f.words, z.string()).optional(),
  vars,
})

const cluster = z.strictObject({
  ...partial,
  /** Its name as people write it. Default: its key. */
  title: f.words.optional(),
  /** Its servers. At least one. */
  servers: z
    .record(f.name, server)
    .refine(all => Object.keys(all).length > 0, 'is empty: a cluster needs a server'),
  vars,
})

const bucket = z.strictObject({
  /** Its name. Required. */
  name: f.words.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not the name of a bucket'),
  /** Address of the S3 server. Default: AWS. */
  endpoint: f.url.optional(),
  /** Its region. Default us-east-1. */
  region: f.words.optional(),
  /** Name of the secret that is its access key. Default ENVIRONMENT/s3-access-key. */
  accessKey: f.words.optional(),
  /** Name of the secret that is its secret key. Default ENVIRONMENT/s3-secret-key. */
  secretKey: f.words.optional(),
})

/** Where an environment keeps its assets. */
export type Bucket = z.infer<typeof bucket>

const environment = z.strictObject({
  /** Its name as people write it. Default: its key. */
  title: f.words.optional(),
  /** The server of its stateful services; its cluster is that server's. Required. */
  server: f.name,
  /** Host names that reach it. At least one. */
  hosts: z.array(f.dnsName).min(1, 'is empty: an environment needs a host name'),
  /** S3 bucket of its assets. */
  bucket: bucket.optional(),
  /** Time zone of its services. Default: the server's. */
  timezone: f.timezone.optional(),
  /** Its application and services, over what holds for all. */
  app: loose(settings.shape.app).optional(),
  vars,
})

/** The whole of hosts.yaml. */
export const schema = z.strictObject({
  /** What holds for every host. */
  all: z.strictObject({ ...partial, vars }).optional(),
  /** The clusters and their servers. Required. */
  clusters: z.record(f.name, cluster),
  /** The environments. Default none. */
  environments: z
    .record(
      f.name.regex(
        /^[a-z][a-z0-9-]*$/,
        'is not the name of an environment: a-z, digits and dashes',
      ),
      environment,
    )
    .optional(),
})

type Tree = { [name: string]: unknown }
/** hosts.yaml as it is after the schema has been checked. */
export interface Raw {
  all?: Tree
  clusters: Record<string, Tree & { title?: string; servers: Record<string, RawServer> }>
  environments?: Record<string, RawEnvironment>
}
/** A server's entry. */
export type RawServer = Tree & {
  address: string
  manager?: boolean
  groups?: string[]
  labels?: Record<string, string>
}
/** An environment's entry. */
export type RawEnvironment = z.infer<typeof environment>
