/** Images made here from packages: gathered once into the cache, built once on each engine. */
import { context } from './context.ts'
import { digest } from './digest.ts'
import { builtName, from, type Recipe } from './recipe.ts'
import type { Docker, Provided, Request } from './types.ts'

/** Gives the image that another is made of. */
export type Base = (ref: string) => Promise<Provided>

/** The engine holds the recipe's image; rejects with why this source cannot give it. */
export const made = async (
  ref: string,
  recipe: Recipe,
  { docker, cache, say }: Omit<Request, 'refs'>,
  base: Base,
): Promise<Provided> => {
  const image = builtName(ref, recipe)
  const gathered = await digest(recipe)
  const now = await recipeOf(docker, image)
  // A program is compiled while the image below it is made.
  const isGathered = now?.startsWith(gathered) ?? false
  const gathering = isGathered ? null : context(recipe, gathered, { cache, say })
  const below = recipe.on ? base(recipe.on.ref) : null
  await Promise.allSettled([gathering, below])
  const parent = (await below)?.image ?? null
  const folder = await gathering
  const key =
    parent === null ? gathered : `${gathered}-${(await idOf(docker, parent)).slice(0, 12)}`
  if (now !== key) {
    say(`${image}: building`)
    const from = folder ?? (await context(recipe, gathered, { cache, say }))
    await build(docker, image, from, labelsOf(recipe, key), argumentsOf(recipe, parent))
  }
  return describe(ref, image, recipe)
}

const idOf = async (docker: Docker, image: string): Promise<string> =>
  (await docker(['image', 'inspect', '--format', '{{.Id}}', image])).trim().replace('sha256:', '')

const argumentsOf = (
  { arguments: own = {}, on }: Recipe,
  parent: string | null,
): Record<string, string> => (on && parent !== null ? { ...own, [on.argument]: parent } : own)

/** The recipe that this image was made of, or null: no such image, or not one of these. */
const recipeOf = (docker: Docker, image: string): Promise<string | null> =>
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
  from: from(ref, recipe),
})

/** Milliseconds that a build may take: it copies, and fetches a package or two. */
const BUILD = 10 * 60_000

const build = async (
  docker: Docker,
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
export const labelsOf = (recipe: Recipe, key: string): Record<string, string> => ({
  'brd.lab': '1',
  'brd.lab.recipe': key,
  'brd.lab.source': recipe.source,
  'brd.lab.version': recipe.version,
  ...(recipe.source === 'stand-in' && { 'brd.lab.stand-in': '1' }),
})
