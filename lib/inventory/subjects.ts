import { InputError, type Problem } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import type { Declaration, Shape } from '../settings.ts'
import { findDeclaredVars } from './extra-vars.ts'
import { guardNames } from './guard-names.ts'
import type {
  Cluster,
  ClusterVars,
  Environment,
  EnvironmentVars,
  Host,
  HostVars,
  Subject,
} from './inventory.ts'
import { isTree, type Layer, mergeLayers, type VarTree } from './layers.ts'
import { formatPath, getValue } from './problems.ts'
import type { Schema } from './schema.ts'
import type { Path, Source } from './source.ts'
import { findMissingPaths, guardMissing, joinShapes } from './zod-shapes.ts'

type Section = 'settings' | 'server' | 'environment'

/** What every subject is made with. */
export interface Origin {
  readonly schema: Schema
  readonly source: Source
  readonly layers: readonly Layer[]
  /** The sections of declarations that hold for it, and the entry that each belongs to. */
  readonly entries: Readonly<Partial<Record<Section, Path>>>
}

/** Something with variables, which are merged when they are first read and then kept. */
class Named implements Subject {
  readonly name: string
  readonly layers: readonly Layer[]
  readonly #origin: Origin
  #merged: VarTree | undefined
  #vars: VarTree | undefined

  constructor(name: string, origin: Origin) {
    this.name = name
    this.layers = origin.layers
    this.#origin = origin
  }
  get vars(): ClusterVars {
    this.#vars ??= this.#guarded()
    return this.#vars as ClusterVars
  }
  readonly findMissing = (roles: readonly Declaration[]): readonly Problem[] =>
    roles.flatMap(role =>
      this.#sections().flatMap(([section, entry]) =>
        findMissingPaths(role[section] ?? {}, this.#values).map(path =>
          this.#problem(path, entry, [role.role]),
        ),
      ),
    )

  get #values(): VarTree {
    this.#merged ??= mergeLayers(this.layers, this.#origin.schema.names)
    return this.#merged
  }
  #sections(): [Section, Path][] {
    return Object.entries(this.#origin.entries) as [Section, Path][]
  }
  #guarded(): VarTree {
    const { schema } = this.#origin
    const shape = joinShapes([
      ...this.#sections().map(([section]): Shape => schema[section]),
      schema.vars,
    ])
    const missing = findMissingPaths(shape, this.#values).filter(
      ([name]) => !Object.hasOwn(schema.vars, String(name)),
    )
    const values =
      missing.length === 0
        ? this.#values
        : guardMissing(this.#values, missing, path => new InputError(this.#problemsOf(path)))
    return guardNames(values, shape, path => new InputError(this.#explainUnset(path)))
  }
  /** What is wrong with a name that is read and not set. */
  #explainUnset(path: Path): Problem {
    const { schema, source, entries } = this.#origin
    const entry = entries.server ?? entries.environment ?? entries.settings ?? []
    const name = String(path.at(-1))
    const declared = Object.keys({ ...schema.vars, ...findDeclaredVars(source, schema) })
    const around = getValue(this.#values, path.slice(0, -1))
    const set = Object.keys(isTree(around) ? around : {})
    const isKnown = path.length === 1 && declared.includes(name)
    const near = path.length === 1 ? [...set, ...schema.names, ...declared] : set
    return {
      place: source.place(entry, 'key'),
      message: isKnown
        ? `${formatPath(entry)}: the variable ${name} is not set`
        : `${formatPath(entry)}: nothing is named ${formatPath(path)}` +
          formatSuggestion(name, near),
      next: isKnown
        ? `Set it under vars: there or in all, or declare it as optional in settings.ts.`
        : 'Variables are set under vars: in hosts.yaml, and declared by `vars` in settings.ts.',
    }
  }
  #problemsOf(path: Path): Problem[] {
    const { declarations } = this.#origin.schema
    return this.#sections().flatMap(([section, entry]) => {
      const roles = declarations.filter(one =>
        findMissingPaths(one[section] ?? {}, this.#values).some(
          it => formatPath(it) === formatPath(path),
        ),
      )
      return roles.length > 0
        ? [
            this.#problem(
              path,
              entry,
              roles.map(({ role }) => role),
            ),
          ]
        : []
    })
  }
  #problem(path: Path, entry: Path, roles: readonly string[]): Problem {
    const [setting, where] = [formatPath(path), formatPath(entry)]
    const isShared = this.#origin.entries.settings === entry
    return {
      place: this.#origin.source.place(entry, 'key'),
      message: `${where}: ${setting} is required by the role ${roles.join(', ')}`,
      next: `Set ${setting} in ${where}${isShared ? ', or in all' : ''}.`,
    }
  }
}

/** Where a host belongs. */
export type Placement = Pick<Host, 'cluster' | 'groups'>

export class NamedHost extends Named implements Host {
  readonly cluster: Cluster
  readonly groups: readonly string[]

  constructor(name: string, origin: Origin, { cluster, groups }: Placement) {
    super(name, origin)
    this.cluster = cluster
    this.groups = groups
  }
  override get vars(): HostVars {
    return super.vars as HostVars
  }
  get address() {
    return String((this.vars as VarTree)['address'])
  }
  get port() {
    return this.vars.port
  }
  get user() {
    return this.vars.user
  }
  get sudo() {
    return this.vars.sudo ?? this.user !== 'root'
  }
  get identityFile() {
    return this.vars.identityFile
  }
  get knownHosts() {
    return this.vars.knownHosts
  }
}

export class NamedCluster extends Named implements Cluster {
  readonly title: string
  /** Filled while the inventory is built: a cluster and its hosts know each other. */
  readonly hosts: Host[] = []

  constructor(name: string, origin: Origin, title: string) {
    super(name, origin)
    this.title = title
  }
}

export class NamedEnvironment extends Named implements Environment {
  readonly title: string
  readonly server: Host
  readonly cluster: Cluster

  constructor(name: string, origin: Origin, server: Host, title: string) {
    super(name, origin)
    this.title = title
    this.server = server
    this.cluster = server.cluster
  }
  override get vars(): EnvironmentVars {
    return super.vars as EnvironmentVars
  }
}
