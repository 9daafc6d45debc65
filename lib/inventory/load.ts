import { InputError, type Problem } from '../errors/input-error.ts'
import { buildInventory } from './build.ts'
import { checkFile } from './checks.ts'
import { type Extra, extraLayer } from './extra-vars.ts'
import type { Inventory } from './inventory.ts'
import type { Layer } from './layers.ts'
import type { Overlay } from './overlay.ts'
import { problemsOf } from './problems.ts'
import { type Schema, schemaOf } from './schema.ts'
import { readSource, type Source } from './source.ts'

export type LoadOptions = {
  /** What the file may hold. Default: the runner's own keys only. */
  readonly schema?: Schema
  readonly overlay?: Overlay | undefined
  /** The -e options as typed. */
  readonly extra?: readonly Extra[] | undefined
}

/** Loads an inventory and checks it as a whole: all errors of the file in one InputError. */
export const load = async (
  path: string,
  { schema = schemaOf([]), overlay, extra = [] }: LoadOptions = {},
): Promise<Inventory> => {
  const source = await readSource(path)
  const layer = await extraLayer(extra, source, schema)
  return inventoryOf(source, { schema, overlay, extra: layer })
}

/** The inventory that parsed data describe. */
export const inventoryOf = (
  source: Source,
  {
    schema,
    overlay,
    extra = null,
  }: {
    readonly schema: Schema
    readonly overlay?: Overlay | undefined
    readonly extra?: Layer | null
  },
): Inventory => {
  const problems = sortProblems([...problemsOf(schema.file, source), ...checkFile(source, schema)])
  if (problems.length > 0) throw new InputError(problems)
  return buildInventory({ source, schema, extra: extra ? [extra] : [], overlay })
}

/** Each problem once, in the order of the file. */
export const sortProblems = (problems: readonly Problem[]): Problem[] =>
  [
    ...new Map(problems.map(problem => [`${problem.place}${problem.message}`, problem])).values(),
  ].sort((a, b) => positionOf(a) - positionOf(b))

const positionOf = ({ place = '' }: Problem) => {
  const [, line = 0, column = 0] = /:(\d+):(\d+)$/.exec(place) ?? []
  return Number(line) * 1e4 + Number(column)
}
