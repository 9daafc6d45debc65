import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runSeeds } from './run-seeds.ts'

/** A fault that the engine once had, or had when it was looked at, put back. */
export type Mutant = {
  /** What was wrong. */
  readonly name: string
  /** Where it is told of: the changelog, the list of faults, or the commit that mended it. */
  readonly from: string
  readonly file: string
  readonly text: string
  readonly becomes: string
  /** A second place that must change with the first. */
  readonly also?: Pick<Mutant, 'text' | 'becomes'>
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The source with the fault in it. Throws where the source is no longer as the mutant knows it. */
export const mutate = (mutant: Mutant, source: string): string => {
  const { also } = mutant
  const once = replaceOnce(mutant, source, mutant)
  return also ? replaceOnce(mutant, once, also) : once
}

const replaceOnce = (
  { name, file }: Mutant,
  source: string,
  { text, becomes }: Pick<Mutant, 'text' | 'becomes'>,
): string => {
  const parts = source.split(text)
  if (parts.length !== 2)
    throw new Error(
      `the mutant "${name}" knows a text that ${file} has ${parts.length - 1} times: ` +
        'bring test/simulation/past-faults.ts up to date',
    )
  return parts.join(becomes)
}

export const readSource = ({ file }: Mutant): string => readFileSync(join(root, file), 'utf8')

export type Hunted = {
  readonly mutant: Mutant
  /** The seed that found it, of how many; null if none did. */
  readonly found: { readonly seed: number; readonly why: string } | null
  readonly seeds: number
}

/** Runs seeds against each mutant until one finds it. */
export const hunt = async (
  mutants: readonly Mutant[],
  seeds: number,
  jobs: number,
  say: (line: string) => void,
): Promise<Hunted[]> => {
  const left = [...mutants]
  const results: Hunted[] = []
  const work = async (): Promise<void> => {
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const result = await huntOne(mutant, seeds)
      results.push(result)
      const { found } = result
      say(found ? `seed ${found.seed}  ${mutant.name}: ${found.why}` : `NOT FOUND  ${mutant.name}`)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return mutants.flatMap(mutant => results.filter(result => result.mutant === mutant))
}

const huntOne = async (mutant: Mutant, seeds: number): Promise<Hunted> => {
  const copy = mkdtempSync(join(tmpdir(), 'brd-mutant-'))
  try {
    const source = mutate(mutant, readSource(mutant))
    for (const path of ['lib', 'test/simulation', 'package.json', 'tsconfig.json'])
      cpSync(join(root, path), join(copy, path), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    mkdirSync(join(copy, 'test'), { recursive: true })
    writeFileSync(join(copy, mutant.file), source)
    const {
      failures,
      broken,
      seeds: tried,
    } = await runSeeds({
      from: 1,
      count: seeds,
      jobs: 1,
      stopAtFirst: true,
      root: copy,
    })
    if (broken.length > 0) throw new Error(`the mutant "${mutant.name}" does not run: ${broken[0]}`)
    const [first] = failures
    return { mutant, found: first ? { seed: first.seed, why: first.why } : null, seeds: tried }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** The table of docs/testing.md. */
export const renderMutants = (results: readonly Hunted[]): string => {
  const found = results.filter(({ found }) => found !== null).length
  return [
    '| past fault | told of in | found by seed | by |',
    '|---|---|---|---|',
    ...results.map(
      ({ mutant, found: by, seeds }) =>
        `| ${mutant.name} | ${mutant.from} | ${by?.seed ?? `none of ${seeds}`} | ${
          by ? by.why.replaceAll('|', '\\|').slice(0, 110) : ''
        } |`,
    ),
    '',
    `${found} of ${results.length} found (${Math.floor((100 * found) / results.length)} %).`,
  ].join('\n')
}
