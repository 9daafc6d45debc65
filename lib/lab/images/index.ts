/** The cluster's images, each from the first source that answers: a registry, packages, a stand-in that says so. */

import { recipesOf } from './catalogue.ts'
import { type Attempt, firstOf } from './first.ts'
import { tidy } from './gather/program.ts'
import { made } from './made.ts'
import { from } from './recipe.ts'
import { registry } from './registry.ts'
import type { Provided, Request } from './types.ts'

export { catalogue } from './catalogue.ts'
export type { Docker, Provided, Request, Source } from './types.ts'

/**
 * The engine holds an image for each ref, in the order asked. The first call takes minutes where Go programs are compiled, later ones seconds.
 * Rejects where no source has an image, naming each and why.
 */
export const provide = async (request: Request): Promise<Provided[]> => {
  const pull = registry(request)
  const found: Provided[] = []
  for (const ref of request.refs) {
    const packages = recipesOf(ref).map((recipe): Attempt => ({ from: from(ref, recipe), get: () => made(ref, recipe, request) }))
    found.push(await firstOf(ref, [{ from: 'a registry', get: () => pull(ref) }, ...packages], request.say))
  }
  if (!found.some(isFallen)) await tidy(request.cache)
  return found
}

// What a failed build left behind is worth keeping: the next call goes on from there.
const isFallen = ({ ref, standIn }: Provided) => standIn && recipesOf(ref).some(({ source }) => source === 'go')
