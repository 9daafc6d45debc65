import { InputError, type Problem } from '../errors/input-error.ts'
import { buildInventory } from './build.ts'
import { checkFile } from './checks.ts'
import { type Extra, readExtraLayer } from './extra-vars.ts'
import type { Inventory } from './inventory.ts'
import type { Layer } from './layers.ts'
import type { Overlay } from './overlay.ts'
import { findProblems } from './problems.ts'
import { readSource } from './read-source.ts'
import { makeSchema, type Schema } from './schema.ts'
import type { Source } from './source.ts'

export type LoadOptions = {
  /** What the file may hold. Default: the runner's own keys only. */
  readonly schema?: Schema
  readonly overlay?: Overlay | undefined
  /** The -e options as typed. */
  readonly extra?: readonly Extra[] | undefined
}

/** Loads an inventory and checks it as a whole: all errors of the file in one InputError. */
export const loadInventory = async (
  path: string,
  { schema = makeSchema([]), overlay, extra = [] }: LoadOptions = {},
): Promise<Inventory> => {
  const source = await readSource(path)
  const layer = readExtraLayer(extra, source, schema)
  return parseInventory(source, { schema, overlay, extra: layer })
}

/** The inventory that parsed data describe. */
export const parseInventory = (
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
  const problems = sortProblems([
    ...findProblems(schema.file, source),
    ...checkFile(source, schema),
  ])
  if (problems.length > 0) throw new InputError(problems)
  return buildInventory({ source, schema, extra: extra ? [extra] : [], overlay })
}

/** Each problem once, in the order of the file. */
export const sortProblems = (problems: readonly Problem[]): Problem[] =>
  [
    ...new Map(problems.map(problem => [`${problem.place}${problem.message}`, problem])).values(),
  ].sort((a, b) => findPosition(a) - findPosition(b))

const findPosition = ({ place = '' }: Problem) => {
  const [, line = 0, column = 0] = /:(\d+):(\d+)$/.exec(place) ?? []
  return Number(line) * 1e4 + Number(column)
}
