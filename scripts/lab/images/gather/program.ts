/**
 * Programs compiled from Go modules, with a compiler of this machine and a module and build cache
 * of the lab.
 */
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runLocal, tryLocal } from '../../../../lib/images/local-command.ts'
import type { Program } from '../recipe.ts'
import { watch } from '../watch.ts'
import type { Kit } from './kit.ts'

/** Minutes for the modules, and for the compiler on two busy cores. */
const DOWNLOAD = 10
const COMPILE = 15

/**
 * No inlining, and no debugging data, which the linker drops anyway: a third less to compute
 * (measured on three large modules), for programs that serve a lab.
 */
const QUICK = '-gcflags=all=-dwarf=false -l'

/** The program is in the context. */
export const gatherProgram = async (recipe: Program, { into, cache, say }: Kit): Promise<void> => {
  await findCompiler()
  const work = join(cache, 'go', 'work', recipe.folder)
  const go = listCommands(work, join(cache, 'go'), recipe, say)
  await rm(work, { recursive: true, force: true })
  await cp(join(import.meta.dirname, '..', 'go', recipe.folder), work, { recursive: true })
  const packages = (await go.download(['list', '-deps', recipe.main])).trim().split('\n').length
  await go.compile(
    [
      'build',
      '-v',
      QUICK,
      '-ldflags',
      `-s -w -X ${recipe.versionIn}=v${recipe.version}`,
      '-o',
      join(into, recipe.binary),
      recipe.main,
    ],
    packages,
  )
  await rm(work, { recursive: true, force: true })
}

/** Nothing of Go is left in the cache but what was gathered: modules and objects are large. */
export const tidy = (cache: string): Promise<string> =>
  runLocal(['rm', '-rf', join(cache, 'go')], { timeout: 5 * 60_000 })

// Older ones neither read these go.mod files nor fetch a newer compiler by themselves.
const findCompiler = async () => {
  const version = await tryLocal(['go', 'env', 'GOVERSION'])
  if (version === null) throw new Error('no Go on this machine (1.21 or later; https://go.dev/dl)')
  if (Number(version.match(/^go1\.(\d+)/)?.[1] ?? 99) < 21)
    throw new Error(`${version.trim()} is too old: 1.21 or later is needed`)
}

type Commands = {
  download: (args: string[]) => Promise<string>
  compile: (args: string[], packages: number) => Promise<string>
}

const listCommands = (
  cwd: string,
  cache: string,
  { binary }: Program,
  say: Kit['say'],
): Commands => {
  const env = listEnvironment(cache)
  const argv = (args: string[]) => ['nice', '-n', '5', 'go', ...args]
  const minutes = (count: number) => count * 60_000
  return {
    download: args =>
      watch(argv(args), {
        cwd,
        env,
        timeout: minutes(DOWNLOAD),
        tick: (lines, seconds) => say(`${binary}: ${lines} modules fetched, ${seconds} s`),
      }),
    compile: (args, packages) =>
      watch(argv(args), {
        cwd,
        env,
        timeout: minutes(COMPILE),
        tick: (lines, seconds) =>
          say(`${binary}: ${lines} of at most ${packages} packages compiled, ${seconds} s`),
      }),
  }
}

// Static, reproducible programs; -modcacherw lets the cache be removed again.
const listEnvironment = (cache: string) => ({
  GOMODCACHE: join(cache, 'mod'),
  GOCACHE: join(cache, 'build'),
  GOFLAGS: '-trimpath -modcacherw -buildvcs=false -mod=readonly',
  GOWORK: 'off',
  GOOS: 'linux',
  CGO_ENABLED: '0',
  GOGC: '400', // of the compiler itself: memory for time
})
