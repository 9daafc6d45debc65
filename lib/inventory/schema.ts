import * as z from 'zod'
import { InputError } from '../errors/input-error.ts'
import type { Declaration, Shape } from '../settings.ts'
import type { VarTree } from './layers.ts'
import * as f from './value-formats.ts'
import { collectDefaults, joinShapes, loosenShape } from './zod-shapes.ts'

/** What the runner itself reads: how a server is reached. */
export const connection = {
  /** Port of sshd. Default 22. */
  port: f.port.default(22),
  /** User who logs in. Default root. */
  user: f.userName.default('root'),
  /** Whether commands need sudo. Default: unless the user is root. */
  sudo: z.boolean().exactOptional(),
  /** Private key file to log in with. Default: the agent's and ssh's own. */
  identityFile: f.words.exactOptional(),
  /** known_hosts file. Default ~/.ssh/known_hosts. */
  knownHosts: f.words.exactOptional(),
}

/** What hosts.yaml may hold: the runner's own keys, and the settings of all roles. */
export interface Schema {
  readonly declarations: readonly Declaration[]
  /** Settings of all, of a cluster and of a server. */
  readonly settings: Shape
  /** Settings of a server only. */
  readonly server: Shape
  /** Settings of an environment. */
  readonly environment: Shape
  /** Free variables that the project declares. */
  readonly vars: Shape
  /** Names of all settings: they merge key by key, and no free variable may have one. */
  readonly names: ReadonlySet<string>
  readonly defaults: VarTree
  /** Those of an environment that its server does not have. */
  readonly environmentDefaults: VarTree
  /** The whole file. */
  readonly file: z.ZodType
  /** Settings alone, any of them. */
  readonly layer: z.ZodType
}

/** What hosts.yaml may hold in a project with these roles. `vars` declares its free variables. */
export const makeSchema = (declarations: readonly Declaration[], vars?: z.ZodObject): Schema => {
  const shapes = (section: 'settings' | 'server' | 'environment') =>
    joinShapes(declarations.map(declaration => declaration[section] ?? {}))
  const settings = joinShapes([connection, shapes('settings')])
  const [server, environment] = [shapes('server'), shapes('environment')]
  const names = [settings, server, environment].flatMap(shape => Object.keys(shape))
  const declared: Shape = vars?.shape ?? {}
  refuseReserved(names)
  refuseShared(names, Object.keys(declared))
  return {
    declarations,
    settings,
    server,
    environment,
    vars: declared,
    names: new Set(names),
    defaults: collectDefaults({ ...declared, ...server, ...settings }),
    environmentDefaults: collectDefaults(omitSettings(environment, settings)),
    file: makeFileSchema({ settings, server, environment }, vars),
    layer: z.strictObject(loosenShape({ ...declared, ...environment, ...server, ...settings })),
  }
}

/** The settings of one shape that another does not have. */
const omitSettings = (shape: Shape, other: Shape): Shape =>
  Object.fromEntries(Object.entries(shape).filter(([name]) => !Object.hasOwn(other, name)))

const reserved = ['address', 'title', 'servers', 'groups', 'vars']
const refuseReserved = (names: readonly string[]): void => {
  const taken = names.find(name => reserved.includes(name))
  if (taken !== undefined)
    throw new InputError({
      place: 'settings.ts',
      message: `no setting may be named "${taken}": hosts.yaml has a key of that name`,
    })
}

const refuseShared = (settings: readonly string[], vars: readonly string[]): void => {
  const taken = vars.find(name => settings.includes(name))
  if (taken !== undefined)
    throw new InputError({
      place: 'settings.ts',
      message: `vars declares "${taken}", which is a setting of a role`,
      next: 'Give the variable another name.',
    })
}

/** Free variables: text, numbers, switches, lists and maps. */
const anyVars = z.record(
  f.words.regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'is not the name of a variable: letters, digits and underscores',
  ),
  z.json(),
)

/** The schema of the whole file. The reference of settings reads its type and its docstrings. */
export const makeFileSchema = (
  { settings, server, environment }: Pick<Schema, 'settings' | 'server' | 'environment'>,
  declared: z.ZodObject | undefined,
) => {
  /** Free variables, by their names: for playbooks, and for settings of no role. Default none. */
  const vars = (
    declared ? z.strictObject(loosenShape(declared.shape as Shape)) : anyVars
  ).optional()
  const common = { ...loosenShape(settings), vars }
  /** Its name as people write it. Default: its key. */
  const title = f.words.optional()
  const servers = z.record(
    f.keyName,
    z.strictObject({
      ...common,
      ...loosenShape(server),
      /** IP address or DNS name to connect to. Required. */
      address: f.address,
      /** Further groups for patterns. Default none. */
      groups: z.array(f.name).optional(),
    }),
  )
  const cluster = z.strictObject({
    ...common,
    title,
    /** Its servers. At least one. */
    servers: servers.refine(
      all => Object.keys(all).length > 0,
      'is empty: a cluster needs a server',
    ),
  })
  const placed = z.strictObject({
    ...loosenShape(environment),
    vars,
    title,
    /** The server that it is placed on; its cluster is that server's. Required. */
    server: f.name,
  })
  const environmentName = f.name.regex(
    /^[a-z][a-z0-9-]*$/,
    'is not the name of an environment: a-z, digits and dashes',
  )
  return z.strictObject({
    /** What holds for every host. */
    all: z.strictObject(common).optional(),
    /** Clusters and their servers. */
    clusters: z.record(f.keyName, cluster).optional(),
    /** Servers that are in no cluster. */
    servers: servers.optional(),
    /** Environments. Default none. */
    environments: z.record(environmentName, placed).optional(),
  })
}

/** hosts.yaml after the schema has been checked. */
export interface Raw {
  all?: VarTree
  clusters?: Record<string, VarTree & { title?: string; servers: Record<string, RawServer> }>
  servers?: Record<string, RawServer>
  environments?: Record<string, RawEnvironment>
}
/** A server's entry. */
export type RawServer = VarTree & { address: string; groups?: string[] }
/** An environment's entry. */
export type RawEnvironment = VarTree & { title?: string; server: string }
