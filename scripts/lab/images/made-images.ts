/** Images made here from packages: gathered once into the cache, built once on each engine. */
import { gatherContext } from './context.ts'
import { digestRecipe } from './digest.ts'
import { describeSource, nameBuilt, type Recipe } from './recipe.ts'
import type { LabDocker, Provided, Request } from './types.ts'

/** Gives the image that another is made of. */
export type BaseProvider = (ref: string) => Promise<Provided>

/** The engine holds the recipe's image; rejects with why this source cannot give it. */
export const provideMade = async (
  ref: string,
  recipe: Recipe,
  { docker, cache, say }: Omit<Request, 'refs'>,
  base: BaseProvider,
): Promise<Provided> => {
  const image = nameBuilt(ref, recipe)
  const gathered = await digestRecipe(recipe)
  const now = await readRecipeDigest(docker, image)
  // A program is compiled while the image below it is made.
  const isGathered = now?.startsWith(gathered) ?? false
  const gathering = isGathered ? null : gatherContext(recipe, gathered, { cache, say })
  const below = recipe.on ? base(recipe.on.ref) : null
  await Promise.allSettled([gathering, below])
  const parent = (await below)?.image ?? null
  const folder = await gathering
  const key =
    parent === null ? gathered : `${gathered}-${(await readImageId(docker, parent)).slice(0, 12)}`
  if (now !== key) {
    say(`${image}: building`)
    const from = folder ?? (await gatherContext(recipe, gathered, { cache, say }))
    await build(docker, image, from, listLabels(recipe, key), listArguments(recipe, parent))
  }
  return describe(ref, image, recipe)
}

const readImageId = async (docker: LabDocker, image: string): Promise<string> =>
  (await docker(['image', 'inspect', '--format', '{{.Id}}', image])).trim().replace('sha256:', '')

const listArguments = (
  { arguments: own = {}, on }: Recipe,
  parent: string | null,
): Record<string, string> => (on && parent !== null ? { ...own, [on.argument]: parent } : own)

/** The recipe that this image was made of, or null: no such image, or not one of these. */
const readRecipeDigest = (docker: LabDocker, image: string): Promise<string | null> =>
  docker(['image', 'inspect', '--format', '{{index .Config.Labels "brd.lab.recipe"}}', image]).then(
    text => text.trim(),
    () => null,
  )

const describe = (ref: string, image: string, recipe: Recipe): Provided => ({
  ref,
  image,
  source: recipe.source,
  version: recipe.version,
  standIn: recipe.source === 'stand-in',
  from: describeSource(ref, recipe),
})

/** Milliseconds that a build may take: it copies, and fetches a package or two. */
const BUILD = 10 * 60_000

const build = async (
  docker: LabDocker,
  image: string,
  folder: string,
  labels: Record<string, string>,
  values: Record<string, string>,
) => {
  const flags = (flag: string, pairs: Record<string, string>) =>
    Object.entries(pairs).flatMap(([name, value]) => [flag, `${name}=${value}`])
  await docker(
    [
      'build',
      '--quiet',
      '--tag',
      image,
      ...flags('--label', labels),
      ...flags('--build-arg', values),
      folder,
    ],
    {
      timeout: BUILD,
    },
  )
}

/** What the image says of itself. */
export const listLabels = (recipe: Recipe, key: string): Record<string, string> => ({
  'brd.lab': '1',
  'brd.lab.recipe': key,
  'brd.lab.source': recipe.source,
  'brd.lab.version': recipe.version,
  ...(recipe.source === 'stand-in' && { 'brd.lab.stand-in': '1' }),
})
