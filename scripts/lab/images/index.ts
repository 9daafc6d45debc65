/**
 * The cluster's images, each from the first source that answers: a registry, packages, a stand-in
 * that says so.
 */

import { recipesOf } from './catalogue.ts'
import { type Attempt, firstOf } from './first.ts'
import { tidy } from './gather/program.ts'
import { made } from './made.ts'
import { from, isOwn } from './recipe.ts'
import { registry } from './registry.ts'
import type { Provided, Request } from './types.ts'

export { catalogue } from './catalogue.ts'
export type { Docker, Provided, Request, Source } from './types.ts'
export { workloads } from './workloads.ts'

/**
 * The engine holds an image for each ref, in the order asked. The first call takes minutes where Go
 * programs are compiled, later ones seconds.
 * Rejects where no source has an image, naming each and why.
 */
export const provide = async (request: Request): Promise<Provided[]> => {
  const pull = registry(request)
  const known = new Map<string, Provided>()
  const one = async (ref: string): Promise<Provided> => {
    const found = known.get(ref) ?? (await firstOf(ref, attempts(ref), request.say))
    known.set(ref, found)
    return found
  }
  const attempts = (ref: string): Attempt[] => [
    ...(isOwn(ref) ? [] : [{ from: 'a registry', get: () => pull(ref) }]),
    ...recipesOf(ref).map(recipe => ({
      from: from(ref, recipe),
      get: () => made(ref, recipe, request, one),
    })),
  ]
  const found: Provided[] = []
  for (const ref of request.refs) found.push(await one(ref))
  if (found.some(isCompiled) && !found.some(isFallen)) await tidy(request.cache)
  return found
}

// Another process may be compiling meanwhile: only who compiles tidies up.
const isCompiled = ({ ref }: Provided) =>
  recipesOf(ref).some(
    recipe => recipe.source === 'go' || (recipe.source === 'debian' && recipe.programs),
  )

// What a failed build left behind is worth keeping: the next call goes on from there.
const isFallen = ({ ref, standIn }: Provided) =>
  standIn && recipesOf(ref).some(({ source }) => source === 'go')
