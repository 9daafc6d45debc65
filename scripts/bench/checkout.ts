/** A checkout of the tool: this one, or an older one beside it. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Ground } from './bench-hosts.ts'
import type { MeasuredCommand } from './whole.ts'

/** A workload under a folder; `source` is what W3 carries. */
export type Workload = {
  readonly work: 'w1' | 'w2' | 'w3' | 'w3Folder'
  readonly folder: string
  readonly source?: string
}

export type Checkout = {
  readonly path: string
  /** The command that plays a workload with these flags, as a user types it. */
  readonly play: (
    by: 'node' | 'npx',
    flags: readonly string[],
    workload: Workload,
  ) => MeasuredCommand
}

/** Writes the checkout's playbook, which imports its lib by path, and finds its inventory. */
export const openCheckout = (path: string, on: Ground): Checkout => {
  const folder = join(on.dir, `playbook-of-${basename(path)}`)
  mkdirSync(folder, { recursive: true })
  const script = join(folder, 'workload.ts')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(script, renderPlaybook(path))
  const env = { XDG_CACHE_HOME: makeCache(on.dir), BRD_RUNS: join(on.dir, 'runs') }
  const play =
    (inventory: string): Checkout['play'] =>
    (by, flags, workload) => ({
      words: [...startedBy[by](path), script, '--inventory', inventory, ...flags],
      cwd: path,
      env: { ...env, BRD_BENCH_WORKLOAD: JSON.stringify(workload) },
    })
  return { path, play: play(findInventory(play, on, folder)) }
}

const startedBy = {
  node: (path: string) => [
    process.execPath,
    '--import',
    join(path, 'lib/preload.mjs'),
    join(path, 'node_modules/.bin/zx'),
  ],
  npx: () => ['npx', 'zx'],
}

const makeCache = (dir: string): string => {
  const path = join(dir, 'cache')
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return path
}

/** An older checkout calls the lists `w1` to `w3Folder`. */
const renderPlaybook = (path: string): string => `import { playbook } from '${path}/lib/playbook.ts'
import * as workloads from '${path}/scripts/bench/workload.ts'
${allowOneMachine(join(path, 'lib/transport/machines.ts'))}

const { work, folder, source } = JSON.parse(process.env.BRD_BENCH_WORKLOAD)
const own = { owner: process.getuid(), group: process.getgid() }
const find = name => workloads[name.replace(/^w/, 'listW')] ?? workloads[name]
const listOf = {
  w1: home => find('w1')(home, own),
  w2: () => find('w2')(),
  w3: home => find('w3')(home, source, own),
  w3Folder: home => find('w3Folder')(home, source, own),
}
const run = await playbook(import.meta, { about: 'A workload of the benchmark.' })
await run.play(run.hosts('all'), ({ name }) => listOf[work](\`\${folder}/\${name}\`))
`

/** All hosts are this machine, which a run refuses: it is not to find out. */
const allowOneMachine = (module: string): string =>
  existsSync(module)
    ? `import { Machines } from '${module}'\nMachines.prototype.register = () => {}`
    : ''

/** An older checkout demands settings of the company in every inventory. */
const findInventory = (
  play: (inventory: string) => Checkout['play'],
  on: Ground,
  folder: string,
): string => {
  const older = join(folder, 'hosts-with-settings.yaml')
  writeFileSync(older, addCompanySettings(readFileSync(on.inventory, 'utf8')))
  const fails = [on.inventory, older].map(inventory => {
    const { words, cwd, env } = play(inventory)('node', ['--list-hosts'], { work: 'w2', folder })
    const [program = '', ...rest] = words
    const options = { cwd, env: { ...process.env, ...env }, encoding: 'utf8' } as const
    const { status, stderr } = spawnSync(program, rest, options)
    return status === 0 ? null : stderr
  })
  if (fails[0] === null) return on.inventory
  if (fails[1] === null) return older
  throw new Error(`a playbook cannot be started in this checkout: ${fails[0]}`)
}

/** The inventory with what was required of every one before settings belonged to roles. */
export const addCompanySettings = (inventory: string): string =>
  /^ {2}acme:/m.test(inventory)
    ? inventory
    : inventory
        .replace(/^all:\n/m, `all:\n${company}`)
        .replace(/^ {2}bench:\n/m, '  bench:\n    domain: bench.example\n')

const company = `  acme: { email: bench@brd.example }
  firewall: { admin: [192.0.2.0/24] }
  images: { traefik: 't:1', portainer: 'p:1', agent: 'a:1', \
loki: 'l:1', alloy: 'a:1', grafana: 'g:1' }
`
