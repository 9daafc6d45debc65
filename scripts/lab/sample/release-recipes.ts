/**
 * The releases of the sample application, as recipes: one source, told apart by what it is built
 * with.
 */
import type { Packages } from '../images/recipe.ts'

/** What every release is made of: PHP with the entry point, without an application. */
export const runtime = 'brd/app:8.2'

/** Good, good with one more migration, and one whose pages all fail. */
export const releaseNames = ['v1', 'v2', 'broken'] as const
export type ReleaseName = (typeof releaseNames)[number]

/** The Docker Hub name of a release. */
export const nameRelease = (name: ReleaseName): string => `brd/app:sample-${name}`

const arguments_: Readonly<Record<ReleaseName, Record<string, string>>> = {
  v1: { SCHEMA: '1' },
  v2: { SCHEMA: '2' },
  broken: { SCHEMA: '2', BROKEN: '1' },
}

const defineRecipe = (name: ReleaseName): Packages => ({
  source: 'debian',
  image: 'sample',
  version: name,
  packages: 'php8.2-fpm, with the sample application',
  context: 'scripts/lab/sample/app',
  arguments: { RELEASE: name, ...arguments_[name] },
  on: { ref: runtime, argument: 'APP' },
})

/** How each is made, by its Docker Hub name. */
export const releaseRecipes: Readonly<Record<string, readonly Packages[]>> = Object.fromEntries(
  releaseNames.map(name => [nameRelease(name), [defineRecipe(name)]]),
)
