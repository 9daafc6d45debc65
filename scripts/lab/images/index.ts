/**
 * The cluster's images, each from the first source that answers: a registry, packages, a stand-in
 * that says so.
 */
import { awaitAll } from '../../../lib/images/local-command.ts'
import { recipesOf } from './catalogue.ts'
import { programsBeside } from './digest.ts'
import { type Attempt, firstOf } from './first.ts'
import { tidy } from './gather/program.ts'
import { made } from './made.ts'
import { from, isOwn } from './recipe.ts'
import { registry } from './registry.ts'
import type { Provided, Request } from './types.ts'

export { catalogue } from './catalogue.ts'
export type { Docker, ImageSource, Provided, Request } from './types.ts'
export { workloads } from './workloads.ts'

/**
 * The engine holds an image for each ref, in the order asked. The first call takes minutes where Go
 * programs are compiled, later ones seconds.
 * Rejects where no source has an image, naming each and why.
 */
export const provide = async (request: Request): Promise<Provided[]> => {
  const pull = registry(request)
  const known = new Map<string, Promise<Provided>>()
  const one = (ref: string): Promise<Provided> => {
    const found = known.get(ref) ?? firstOf(ref, attempts(ref), request.say)
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
  const inTurn = async (refs: readonly string[]): Promise<void> => {
    for (const ref of refs) await one(ref)
  }
  // The compiler works beside what waits for downloads and disks; two compilers gain nothing.
  const isCompiled = (ref: string) =>
    recipesOf(ref).some(recipe => programsBeside(recipe).length > 0)
  await awaitAll([
    inTurn(request.refs.filter(isCompiled)),
    inTurn(request.refs.filter(ref => !isCompiled(ref))),
  ])
  return await Promise.all(request.refs.map(one))
}

/**
 * Modules and compiled objects are gone from the cache, unless a source failed on the way: then the
 * next call goes on from there.
 */
export const tidyUp = async (cache: string, found: readonly Provided[]): Promise<void> => {
  if (!found.some(isFallback)) await tidy(cache)
}

const isFallback = ({ ref, from: told }: Provided): boolean =>
  recipesOf(ref).findIndex(recipe => from(ref, recipe) === told) > 0
