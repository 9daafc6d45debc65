/**
 * What a recipe's image depends on, in one word: it changes exactly when the image must be made
 * again.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Program, Recipe } from './recipe.ts'

/** Twelve hexadecimal digits of the recipe and of every file that goes into its image. */
export const digestRecipe = async (recipe: Recipe): Promise<string> =>
  hashRecipe(recipe, await readRecipeFiles(recipe))

/** The same of content at hand; the order of the files does not matter. */
export const hashRecipe = (recipe: Recipe, files: Readonly<Record<string, Buffer>>): string => {
  const hash = createHash('sha256').update(JSON.stringify(recipe))
  for (const path of Object.keys(files).sort())
    hash.update(`\0${path}\0${files[path]!.length}\0`).update(files[path]!)
  return hash.digest('hex').slice(0, 12)
}

const readRecipeFiles = async (recipe: Recipe): Promise<Record<string, Buffer>> => {
  const lists = await Promise.all(listFolders(recipe).map(listFilesIn))
  const read = async (path: string) =>
    [relative(import.meta.dirname, path), await readFile(path)] as const
  return Object.fromEntries(await Promise.all(lists.flat().map(read)))
}

const listFolders = (recipe: Recipe): string[] => [
  ...listContexts(recipe),
  ...listPrograms(recipe).map(({ folder }) => join(import.meta.dirname, 'go', folder)),
]

const listPrograms = (recipe: Recipe): readonly Program[] =>
  recipe.source === 'go' ? [recipe] : listProgramsBeside(recipe)

/** The programs that are put beside a Dockerfile that has more to do than to copy them. */
export const listProgramsBeside = (recipe: Recipe): readonly Program[] =>
  'programs' in recipe ? (recipe.programs ?? []) : []

/** The folders that are copied into an image's context, in this order. */
export const listContexts = ({ context, image }: Recipe): string[] => [
  ...(context === undefined ? [] : [join(import.meta.dirname, '../../..', context)]),
  join(import.meta.dirname, 'files', image),
]

const listFilesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }).catch(ignoreAbsent))
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))

const ignoreAbsent = (error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT') return []
  throw error
}
