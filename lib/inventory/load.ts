import * as z from 'zod'
import { InputError, type Problem } from '../errors/input-error.ts'
import { build } from './build.ts'
import { checks } from './checks.ts'
import { defaultLayer } from './defaults.ts'
import { type Extra, extraLayer } from './extra-vars.ts'
import type { Inventory } from './inventory.ts'
import { type Layer, layerOf, merged } from './layers.ts'
import type { Overlay } from './overlay.ts'
import { dotted, problemsOf } from './problems.ts'
import { type Raw, schema } from './schema.ts'
import { settings } from './settings.ts'
import { readSource, type Source } from './source.ts'

/**
 * The inventory of a file, checked as a whole: every error of the file is told at once, with its
 * place. `extra` are the -e options as typed.
 */
export const load = async (
  path: string,
  overlay?: Overlay,
  extra: readonly Extra[] = [],
): Promise<Inventory> => {
  const source = await readSource(path)
  const layer = await extraLayer(extra, source)
  return inventoryOf(source, overlay, layer)
}

/** The inventory that parsed data describe. */
export const inventoryOf = (
  source: Source,
  overlay?: Overlay,
  extra: Layer | null = null,
): Inventory => {
  const found = problemsOf(schema, source)
  const problems = tidy([...found, ...checks(source)])
  if (problems.length === 0) problems.push(...unset(source))
  if (problems.length > 0) throw new InputError(problems)
  return build(source.data as Raw, source, extra ? [extra] : [], overlay)
}

/** Settings that a cluster's hosts need and nobody sets. */
const unset = (source: Source): Problem[] => {
  const raw = source.data as Raw
  return Object.entries(raw.clusters).flatMap(([name, entry]) => {
    const path = ['clusters', name]
    const vars = merged([
      defaultLayer,
      layerOf('all', raw.all, source, ['all']),
      layerOf('', entry, source, path),
    ])
    const result = z.object(settings.shape).safeParse(vars)
    return (result.error?.issues ?? []).map(issue => ({
      place: source.place(path, 'key'),
      message: `${dotted(path)}: ${dotted(issue.path)} is set nowhere`,
      next: `Set ${dotted(issue.path)} in ${dotted(path)}, or in all.`,
    }))
  })
}

/** Each problem once, in the order of the file. */
const tidy = (problems: Problem[]) =>
  [
    ...new Map(problems.map(problem => [`${problem.place}${problem.message}`, problem])).values(),
  ].sort((a, b) => position(a) - position(b))

const position = ({ place = '' }: Problem) => {
  const [, line = 0, column = 0] = /:(\d+):(\d+)$/.exec(place) ?? []
  return Number(line) * 1e4 + Number(column)
}
