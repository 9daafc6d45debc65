import { readFileSync } from 'node:fs'
import { makeCheck } from './check-value.ts'
import type { Check } from './fault.ts'
import type { ValueType } from './value-type.ts'

/** What an options.json describes, each under its name. */
type Table = 'operations' | 'calls' | 'roles'
/** Finds the check of the options of an operation, a call or a role; null if none is described. */
export type FindCheck = (table: Table, name: string) => Check | null

const opened = new Map<string, FindCheck>()

/**
 * Opens an options.json, which scripts/docs.ts writes from the types. It is read when a check is
 * first asked for; one that does not exist describes nothing.
 */
export const openDescribed = (file: URL): FindCheck => {
  const known = opened.get(file.href)
  if (known) return known
  const checks = new Map<string, Check | null>()
  let find: ((table: Table, name: string) => Check | null) | null = null
  const findOnce: FindCheck = (table, name) => {
    const key = `${table} ${name}`
    const kept = checks.get(key)
    if (kept !== undefined) return kept
    find ??= readDescribed(file)
    const check = find(table, name)
    checks.set(key, check)
    return check
  }
  opened.set(file.href, findOnce)
  return findOnce
}

type Types = Readonly<Record<string, ValueType>>
type Tables = { readonly types: Types } & { readonly [table in Table]?: Types }

const readDescribed = (file: URL): FindCheck => {
  const tables = readTables(file)
  const make = makeCheck(tables.types)
  return (table, name) => {
    const all = tables[table] ?? {}
    const type = Object.hasOwn(all, name) ? all[name] : undefined
    return type === undefined ? null : make(type)
  }
}

const readTables = (file: URL): Tables => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Tables
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return { types: {} }
  }
}
