import * as z from 'zod'
import { parseJson } from './parse-json.ts'
import { isGtid } from './position.ts'
import { Unreadable } from './unreadable.ts'

const gtid = z.string().refine(text => isGtid(text, true), 'is not a list of GTIDs')
const count = z.string().regex(/^\d+$/, 'is not a number')

const unit = z.strictObject({
  /** `database.table` */
  table: z.string().min(1),
  /**
   * The SQL condition that its rows meet: a range of the table's key, `1` for all rows. It is
   * executed by a restored database that is thrown away, with no network.
   */
  where: z.string().min(1),
  /** The server's position when these rows were read, in one snapshot. */
  gtid,
  rows: count,
  /** BIT_XOR of the CRC32 of each row, and their sum: pairs of equal rows vanish from the first. */
  xor: count,
  sum: count,
})
/** A table, or a range of its keys, as it was at one moment. */
export type ManifestUnit = Readonly<z.infer<typeof unit>>

const manifest = z.strictObject({
  version: z.literal(1),
  environment: z.string().min(1),
  /** The full backup after which it was taken. */
  backup: z.string().min(1),
  /** When it was begun and ended, ISO 8601, UTC. */
  began: z.iso.datetime(),
  ended: z.iso.datetime(),
  /** The server's position at the end: a restore goes no further. */
  gtid,
  /** In the order in which they were read: their positions never go back. */
  units: z.array(unit),
  /** Tables that cannot be compared, and why. */
  notComparable: z.array(z.strictObject({ table: z.string(), reason: z.string() })),
  /**
   * SHA-256 of what defines each table, view, routine, trigger, event, user and grant, by its kind
   * and name, such as `routine app.total`.
   */
  objects: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
})
/** What a database contained right after a full backup. */
export type Manifest = Readonly<z.infer<typeof manifest>>

/** Reads a manifest. Throws Unreadable if it is something else, or not of this environment. */
export const readManifest = (
  text: string,
  of: { readonly environment: string; readonly backup: string },
): Manifest => {
  const parsed = manifest.safeParse(parseJson(text))
  if (!parsed.success)
    throw new Unreadable(`the manifest is not one: ${z.prettifyError(parsed.error)}`)
  for (const key of ['environment', 'backup'] as const)
    if (parsed.data[key] !== of[key])
      throw new Unreadable(`the manifest is of ${parsed.data[key]}, not of ${of[key]}`)
  return parsed.data
}

/** What the restored database has in place of a unit: rows and checksums. */
export type UnitContents = Pick<ManifestUnit, 'rows' | 'xor' | 'sum'>

/** Says in what a restored unit differs from the manifest; null if it does not. */
export const compareUnit = (wanted: ManifestUnit, restored: UnitContents | null): string | null => {
  const place = wanted.where === '1' ? wanted.table : `${wanted.table} (${wanted.where})`
  if (!restored) return `${place}: the table is missing`
  if (wanted.rows !== restored.rows)
    return `${place}: ${restored.rows} rows, and the manifest says ${wanted.rows}`
  if (wanted.xor !== restored.xor || wanted.sum !== restored.sum)
    return `${place}: as many rows, but not the same ones`
  return null
}

/** Says in which objects a restored database differs from the manifest, sorted by name. */
export const compareObjects = (
  wanted: Manifest['objects'],
  restored: Manifest['objects'],
): string[] =>
  [...new Set([...Object.keys(wanted), ...Object.keys(restored)])].sort().flatMap(name => {
    if (!Object.hasOwn(restored, name)) return [`${name} is missing`]
    if (!Object.hasOwn(wanted, name)) return [`${name} is not in the manifest`]
    return wanted[name] === restored[name] ? [] : [`${name} is defined differently`]
  })
