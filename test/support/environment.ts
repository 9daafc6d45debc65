import { spawn } from 'node:child_process'
import * as assert from 'uvu/assert'
import type { Event, Outcome } from '../../lib/events.ts'
import { requireLab } from '../../lib/inventory/lab-state.ts'
import type { HostName } from '../../scripts/lab/network.ts'
import { getFromLab } from '../../scripts/lab/reach.ts'
import { skip } from '../../scripts/test/skip.ts'
import { resetHosts } from './reset-hosts.ts'
import { parseEvents, root, zxArguments } from './run-playbook.ts'

export type ScriptResult = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}
type ScriptOptions = { readonly input?: string; readonly home?: string }

/**
 * A script of this project, run on the lab to its end as a user's shell would run it. `home` is the
 * lab's home that it sees.
 */
export const runScript = (
  script: string,
  flags: readonly string[],
  { input = '', home }: ScriptOptions = {},
): Promise<ScriptResult> => {
  const env = { ...process.env, ...(home === undefined ? {} : { BRD_LAB_HOME: home }) }
  const child = spawn(process.execPath, [...zxArguments(script), '--lab', ...flags], {
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
export type PlaybookResult = ScriptResult & { readonly all: readonly Event[] }
export const playOnLab = async (
  script: string,
  flags: readonly string[],
  how?: ScriptOptions,
): Promise<PlaybookResult> => {
  const run = await runScript(script, ['--json', ...flags], how)
  return { ...run, all: parseEvents(run.stdout) }
}

export const deployEnvironment = (
  env: string,
  flags: readonly string[] = [],
  how?: ScriptOptions,
): Promise<PlaybookResult> =>
  playOnLab('playbooks/deploy-environment.ts', ['--env', env, ...flags], how)

/** The daily work on an environment: what is said, and the exit code. */
export const manageEnvironment = (
  env: string,
  words: readonly string[],
  how?: ScriptOptions,
): Promise<ScriptResult> => runScript('playbooks/environment.ts', ['--env', env, ...words], how)

/** The backups of an environment: what is said, and the exit code. */
export const manageBackups = (env: string, words: readonly string[]): Promise<ScriptResult> =>
  runScript('playbooks/backup.ts', ['--env', env, ...words])

/** How each operation ended, by its name. */
export const mapOutcomes = ({ all }: PlaybookResult): Map<string, Outcome> => {
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
export const findOperations = (run: PlaybookResult, is: Outcome['is']): string[] =>
  [...mapOutcomes(run)].filter(([, outcome]) => outcome.is === is).map(([name]) => name)

/** All that went wrong in a run, as it was told. */
export const describeFailures = ({ all, stderr }: PlaybookResult): string =>
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
export const listTrips = ({ all }: PlaybookResult): number[] =>
  all.flatMap(event => (event.type === 'host-finished' ? [event.trips] : []))

/**
 * A deploy after which nothing is left to do. That the site was asked for when this busy machine
 * let it answer nobody is no change: then it is deployed once more.
 */
export const deployUntilSettled = async (
  env: string,
  flags: readonly string[] = [],
): Promise<PlaybookResult> => {
  const run = await deployEnvironment(env, flags)
  return run.code === 0 && findOperations(run, 'changed').join().startsWith('http.answers')
    ? deployEnvironment(env, flags)
    : run
}

/** Skips where the lab cannot run environments. */
export const requireEnvironments = async (): Promise<void> => {
  const { s3, images } = await requireLab()
  if (!s3) skip('the lab has no S3 server')
  if (!images.some(({ ref }) => ref === 'brd/app:sample-v1'))
    skip('the lab has no sample application')
}

/** The cluster runs on its hosts, whatever was there: what cannot be mended is made anew. */
export const raiseCluster = async (
  cluster: string,
  ...hosts: readonly HostName[]
): Promise<void> => {
  const raise = () => playOnLab('playbooks/bootstrap.ts', ['--cluster', cluster])
  if ((await raise()).code === 0) return
  await resetHosts(...hosts)
  const run = await raise()
  assert.is(run.code, 0, describeFailures(run))
}

/** A page of the sample application. */
export const fetchPage = async (site: string, path: string) => {
  const { status, body } = await getFromLab(`https://${site}${path}`, { timeout: 20_000 })
  return {
    status,
    ...(JSON.parse(body) as { release?: string; ok?: boolean; environment?: string }),
  }
}
