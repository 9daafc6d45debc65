import { spawn } from 'node:child_process'
import * as assert from 'uvu/assert'
import type { Event, Outcome } from '../../lib/events.ts'
import { needLab } from '../../lib/inventory/lab-state.ts'
import type { HostName } from '../../scripts/lab/network.ts'
import { get } from '../../scripts/lab/reach.ts'
import { skip } from '../../scripts/test/skip.ts'
import { fresh } from './fresh.ts'
import { events, root, zx } from './run.ts'

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }
type How = { readonly input?: string; readonly home?: string }

/**
 * A script of this project, run on the lab to its end as a user's shell would run it. `home` is the
 * lab's home that it sees.
 */
export const ran = (
  script: string,
  flags: readonly string[],
  { input = '', home }: How = {},
): Promise<Ran> => {
  const env = { ...process.env, ...(home === undefined ? {} : { BRD_LAB_HOME: home }) }
  const child = spawn(process.execPath, [...zx(script), '--lab', ...flags], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
  })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      text[name] += chunk
    })
  child.stdin.end(input)
  return new Promise(resolve => child.on('close', code => resolve({ code, ...text })))
}

/** A playbook's run with --json, and its events. */
export type Played = Ran & { readonly all: readonly Event[] }
export const played = async (
  script: string,
  flags: readonly string[],
  how?: How,
): Promise<Played> => {
  const run = await ran(script, ['--json', ...flags], how)
  return { ...run, all: events(run.stdout) }
}

export const deploy = (env: string, flags: readonly string[] = [], how?: How): Promise<Played> =>
  played('playbooks/deploy-environment.ts', ['--env', env, ...flags], how)

/** The daily work on an environment: what is said, and the exit code. */
export const daily = (env: string, words: readonly string[], how?: How): Promise<Ran> =>
  ran('playbooks/environment.ts', ['--env', env, ...words], how)

/** How each operation ended, by its name. */
export const ends = ({ all }: Played): Map<string, Outcome> => {
  const lists = new Map<string, string[]>()
  const found = new Map<string, Outcome>()
  for (const event of all) {
    // A host is listed once for each play; its operations are counted on.
    if (event.type === 'host-listed')
      lists.set(event.host, [
        ...(lists.get(event.host) ?? []),
        ...event.ops.map(({ kind, name }) => `${kind} ${name}`),
      ])
    if (event.type === 'op-settled')
      found.set(lists.get(event.host)?.[event.op] ?? '', event.outcome)
  }
  return found
}
export const which = (run: Played, is: Outcome['is']): string[] =>
  [...ends(run)].filter(([, outcome]) => outcome.is === is).map(([name]) => name)

/** All that went wrong in a run, as it was told. */
export const failures = ({ all, stderr }: Played): string =>
  [
    stderr,
    ...all.flatMap(event =>
      event.type === 'op-settled' && event.outcome.is === 'failed'
        ? [JSON.stringify(event.outcome)]
        : [],
    ),
    ...all.flatMap(event =>
      event.type === 'host-finished' && event.error
        ? [event.error.message, event.error.stderr ?? '']
        : [],
    ),
  ].join('\n')
export const trips = ({ all }: Played): number[] =>
  all.flatMap(event => (event.type === 'host-finished' ? [event.trips] : []))

/**
 * A deploy after which nothing is left to do. That the site was asked for when this busy machine
 * let it answer nobody is no change: then it is deployed once more.
 */
export const settled = async (env: string, flags: readonly string[] = []): Promise<Played> => {
  const run = await deploy(env, flags)
  return run.code === 0 && which(run, 'changed').join().startsWith('http.answers')
    ? deploy(env, flags)
    : run
}

/** Skips where the lab cannot run environments. */
export const needEnvironments = async (): Promise<void> => {
  const { s3, images } = await needLab()
  if (!s3) skip('the lab has no S3 server')
  if (!images.some(({ ref }) => ref === 'brd/app:sample-v1'))
    skip('the lab has no sample application')
}

/** The cluster runs on its hosts, whatever was there: what cannot be mended is made anew. */
export const raised = async (cluster: string, ...hosts: readonly HostName[]): Promise<void> => {
  const raise = () => played('playbooks/bootstrap.ts', ['--cluster', cluster])
  if ((await raise()).code === 0) return
  await fresh(...hosts)
  const run = await raise()
  assert.is(run.code, 0, failures(run))
}

/** A page of the sample application. */
export const page = async (site: string, path: string) => {
  const { status, body } = await get(`https://${site}${path}`, { timeout: 20_000 })
  return {
    status,
    ...(JSON.parse(body) as { release?: string; ok?: boolean; environment?: string }),
  }
}

type Under<T> = { readonly result: T; readonly failed: readonly string[]; readonly count: number }

/** Asks a site again and again while something happens; what was not answered with 200. */
export const under = async <T>(site: string, work: () => Promise<T>): Promise<Under<T>> => {
  const failed: string[] = []
  let [going, count] = [true, 0]
  const one = async (): Promise<void> => {
    while (going) {
      count++
      const said = await get(`https://${site}/livez`).then(
        ({ status }) => status,
        (error: Error) => error.message,
      )
      if (said !== 200) failed.push(`${new Date().toISOString()} ${said}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  const askers = [one(), one(), one()]
  try {
    return { result: await work(), failed, count }
  } finally {
    going = false
    await Promise.all(askers)
  }
}
