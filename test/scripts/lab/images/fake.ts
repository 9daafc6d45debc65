/** A Docker that keeps images in memory and answers as the real one does. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRecipes } from '../../../../scripts/lab/images/catalogue.ts'
import { digestRecipe, listProgramsBeside } from '../../../../scripts/lab/images/digest.ts'
import type { LabDocker } from '../../../../scripts/lab/images/types.ts'

type Labels = Record<string, string>

/** The images by name with their labels, every command that was asked for, and what a pull does. */
export const fakeDocker = (pull: (ref: string) => Labels) => {
  const images = new Map<string, Labels>()
  const asked: string[][] = []
  const docker: LabDocker = async args => {
    asked.push([...args])
    const last = args.at(-1) ?? ''
    if (args[0] === 'image') return inspect(images.get(last), args[3] ?? '')
    if (args[0] === 'pull') images.set(last, pull(last))
    if (args[0] === 'build') images.set(args[args.indexOf('--tag') + 1] ?? '', labelsIn(args))
    return ''
  }
  return {
    docker,
    images,
    asked,
    count: (verb: string) => asked.filter(([first]) => first === verb).length,
  }
}

const inspect = (labels: Labels | undefined, format: string): string => {
  if (!labels) throw new Error('Error: No such image')
  if (format === '{{.Id}}') return labels['id'] ?? 'sha256:first'
  return labels[format.match(/"(.*)"/)?.[1] ?? ''] ?? ''
}

const labelsIn = (args: readonly string[]): Labels =>
  Object.fromEntries(
    args.flatMap((arg, index) =>
      args[index - 1] === '--label' ? [arg.split(/=(.*)/s).slice(0, 2)] : [],
    ),
  )

/** What a pull does where no registry can be reached. */
export const unreachable = (): never => {
  throw new Error(
    'docker pull: Error response from daemon: Get "https://registry/v2/": dial tcp: lookup registry: no such host',
  )
}

/** Puts the programs beside an image into the cache as if they were compiled. */
export const placePrograms = async (cache: string, ref: string): Promise<void> => {
  const programs = findRecipes(ref).flatMap(recipe => listProgramsBeside(recipe))
  for (const program of programs) {
    const folder = join(cache, 'gathered', program.image, await digestRecipe(program))
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, program.binary), '')
  }
}

/** Runs with a folder that is gone afterwards. */
export const withCache = async (body: (cache: string) => Promise<void>): Promise<void> => {
  const cache = await mkdtemp(join(tmpdir(), 'images-'))
  await body(cache).finally(() => rm(cache, { recursive: true }))
}
