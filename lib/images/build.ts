import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { type DockerClient, type DockerImage, inspectImage, runDocker } from './docker-client.ts'
import { runLocal } from './local-command.ts'
import type { ImageRecipe } from './recipes.ts'

/** Time limits in seconds: of a build, and of fetching or compiling a program. */
const BUILD = 60 * 60
const FETCH = 15 * 60

/** Checks an image before it is named; rejects if it must not be. */
export type ImageCheck = (id: string) => Promise<unknown>

/**
 * Builds the image of a recipe on this machine. It is named last, after the check: until then the
 * previous image keeps the name. Works with the classic builder and with BuildKit.
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
    // The image stays if it has other names.
    await runDocker(client, ['image', 'rm', id]).catch(() => {})
    throw new Error(`${ref} was not named: ${(error as Error).message}`, { cause: error })
  }
  await runDocker(client, ['tag', id, ref])
  return inspectImage(client, ref)
}

/** Throws an InputError if the recipe's folder has no Dockerfile. */
export const checkRecipe = ({ folder, place, of }: ImageRecipe): void => {
  const lacks = [folder, join(folder, 'Dockerfile')].find(path => !existsSync(path))
  if (lacks !== undefined)
    throw new InputError({ place: place ?? of, message: `there is no ${lacks}` })
}

const fetchProgram = async (
  { of, folder, programs = [] }: ImageRecipe,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> => {
  const missing = programs.filter(program => !existsSync(join(folder, program))).join(' and ')
  if (missing === '') return
  say(`${of}: fetching ${missing}`)
  await runLocal(['sh', join(folder, 'fetch')], {
    timeout: FETCH * 1000,
    ...(signal ? { signal } : {}),
  }).catch((cause: Error) => {
    throw new Error(
      `${of}: ${missing} could not be fetched. Copy it next to ${folder}/Dockerfile by other ` +
        `means.\n${cause.message}`,
      { cause },
    )
  })
}

/** Runs the build; returns the image's id. */
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
