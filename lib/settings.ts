/** How a role declares its settings: the keys of hosts.yaml that it reads. */
import type { z } from 'zod'
import type { Problem } from './errors/input-error.ts'
import { checkDeclaration } from './inventory/check-declaration.ts'
import type { InventoryFile } from './inventory/inventory-file.ts'

export { findClashes, type InventoryFile } from './inventory/inventory-file.ts'
export { isTree } from './inventory/layers.ts'
export * as format from './inventory/value-formats.ts'

/** Settings by their names. */
export type Shape = Readonly<Record<string, z.ZodType>>

/** The settings of one role: its keys in hosts.yaml. */
export type Declaration = {
  /** The role that needs them. Errors name it. */
  readonly role: string
  /** May be set for all, for a cluster and for a server. The nearest value wins. */
  readonly settings?: Shape
  /** May be set for a server only. */
  readonly server?: Shape
  /** May be set for an environment. A name that is in `settings` too is inherited from there. */
  readonly environment?: Shape
  /** Finds what no single value shows, such as two servers with one name. */
  readonly check?: (file: InventoryFile) => readonly Problem[]
}

/**
 * Declares the settings of a role. A setting without a default that is not optional is required
 * when the role is played. Another key, and a setting without a type, are errors.
 */
export const declareSettings = <const D extends Declaration>(declaration: D): D => {
  checkDeclaration(declaration)
  return declaration
}

/**
 * The types of a project's settings, and of the free variables that its `vars` declares. Its
 * settings.ts adds them: `declare module './lib/settings.ts' { interface Register { settings:
 * typeof settings; vars: typeof vars } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: a project's settings.ts adds its members
export interface Register {}

type Section = 'settings' | 'server' | 'environment'
type ValuesOf<D, S extends Section> = D extends { readonly [name in S]: infer T extends Shape }
  ? z.infer<z.ZodObject<T>>
  : never
type Together<T> = (T extends unknown ? (one: T) => void : never) extends (all: infer All) => void
  ? All
  : unknown
type Registered = Register extends { settings: infer D extends readonly Declaration[] }
  ? D[number]
  : never

/** The values of a section of all registered roles. */
export type RegisteredValues<S extends Section> = [Registered] extends [never]
  ? unknown
  : Together<ValuesOf<Registered, S>>

/** The free variables that settings.ts declares. */
export type RegisteredVars = Register extends { vars: infer V extends z.ZodType }
  ? z.infer<V>
  : unknown
