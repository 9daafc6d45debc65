import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { type DockerClient, type DockerImage, inspectImage, runDocker } from './client.ts'
import { runLocal } from './local-command.ts'
import type { ImageRecipe } from './own.ts'

/** Seconds that a build may take, and that a program may take to be fetched or compiled. */
const BUILD = 60 * 60
const FETCH = 15 * 60

/** What an image must show before it gets its name; rejects where it does not. */
export type ImageCheck = (id: string) => Promise<unknown>

/**
 * The image of a recipe is on this machine under its name. It gets the name last, once it has been
 * checked: what stood under it before stays until then. Works with the
 * classic builder as with BuildKit.
 */
export const buildImage = async (
  client: DockerClient,
  recipe: ImageRecipe,
  check: ImageCheck,
  say: (line: string) => void,
): Promise<DockerImage> => {
  const { ref, folder } = recipe
  await fetchProgram(recipe, say, client.signal)
  say(`${ref}: building ${folder}`)
  const id = await runBuild(client, recipe)
  try {
    await check(id)
  } catch (error) {
    // other names of the same image keep it
    await runDocker(client, ['image', 'rm', id]).catch(() => {})
    throw new Error(`${ref} was not named: ${(error as Error).message}`, { cause: error })
  }
  await runDocker(client, ['tag', id, ref])
  return inspectImage(client, ref)
}

/** Throws an InputError where the recipe's folder has no Dockerfile. */
export const checkRecipe = ({ folder, place, of }: ImageRecipe): void => {
  const lacks = [folder, join(folder, 'Dockerfile')].find(path => !existsSync(path))
  if (lacks !== undefined)
    throw new InputError({ place: place ?? of, message: `there is no ${lacks}` })
}

const fetchProgram = async (
  { of, folder, program }: ImageRecipe,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> => {
  if (program === undefined || existsSync(join(folder, program))) return
  say(`${of}: ${program} is fetched`)
  await runLocal(['sh', join(folder, 'fetch')], {
    timeout: FETCH * 1000,
    ...(signal ? { signal } : {}),
  }).catch((cause: Error) => {
    throw new Error(
      `${of}: ${program} could not be fetched. Put it beside ${folder}/Dockerfile by other means.\n${cause.message}`,
      {
        cause,
      },
    )
  })
}

/** The image's id. */
const runBuild = async (
  client: DockerClient,
  { folder, arguments: values }: ImageRecipe,
): Promise<string> => {
  const notes = await mkdtemp(join(tmpdir(), 'brd-build-'))
  try {
    const args = Object.entries(values).flatMap(([name, value]) => [
      '--build-arg',
      `${name}=${value}`,
    ])
    await runDocker(client, ['build', '--iidfile', join(notes, 'id'), ...args, folder], {
      seconds: BUILD,
      shown: true,
    })
    return (await readFile(join(notes, 'id'), 'utf8')).trim()
  } finally {
    await rm(notes, { recursive: true, force: true })
  }
}
