/**
 * The cluster's images, each from the first source that answers: a registry, packages, a stand-in
 * that says so.
 */
import { awaitAll } from '../../../lib/images/local-command.ts'
import { findRecipes } from './catalogue.ts'
import { listProgramsBeside } from './digest.ts'
import { tidy } from './gather/program.ts'
import { provideMade } from './made-images.ts'
import { describeSource, isOwn } from './recipe.ts'
import { openRegistry } from './registry.ts'
import { type Attempt, takeFirst } from './take-first.ts'
import type { Provided, Request } from './types.ts'

export { catalogue } from './catalogue.ts'
export type { ImageSource, LabDocker, Provided, Request } from './types.ts'
export { workloads } from './workloads.ts'

/**
 * The engine holds an image for each ref, in the order asked. The first call takes minutes where Go
 * programs are compiled, later ones seconds.
 * Rejects where no source has an image, naming each and why.
 */
export const provide = async (request: Request): Promise<Provided[]> => {
  const pull = openRegistry(request)
  const known = new Map<string, Promise<Provided>>()
  const one = (ref: string): Promise<Provided> => {
    const found = known.get(ref) ?? takeFirst(ref, attempts(ref), request.say)
    known.set(ref, found)
    return found
  }
  const attempts = (ref: string): Attempt[] => [
    ...(isOwn(ref) ? [] : [{ from: 'a registry', get: () => pull(ref) }]),
    ...findRecipes(ref).map(recipe => ({
      from: describeSource(ref, recipe),
      get: () => provideMade(ref, recipe, request, one),
    })),
  ]
  const inTurn = async (refs: readonly string[]): Promise<void> => {
    for (const ref of refs) await one(ref)
  }
  // The compiler works beside what waits for downloads and disks; two compilers gain nothing.
  const isCompiled = (ref: string) =>
    findRecipes(ref).some(recipe => listProgramsBeside(recipe).length > 0)
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
  findRecipes(ref).findIndex(recipe => describeSource(ref, recipe) === told) > 0
