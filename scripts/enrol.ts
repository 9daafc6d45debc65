#!/usr/bin/env -S npx zx
/** Enrols the host keys of servers: `npx zx scripts/enrol.ts infra-stage`. */
import { FLAGS, type FlagValues } from '../lib/cli/flags.ts'
import { runScript, type ScriptDefinition } from '../lib/cli/script.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { formatSuggestion } from '../lib/errors/suggest.ts'
import type { Host } from '../lib/inventory/inventory.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { findNearestProject, findProject, type Project } from '../lib/inventory/project.ts'
import { askYes, canAsk } from '../lib/report/ask.ts'
import { print, say } from '../lib/report/print.ts'
import { Unreachable } from '../lib/transport/connection.ts'
import { createConfigReader } from '../lib/transport/ssh/config.ts'
import { enrolKeys } from '../lib/transport/ssh/enrol.ts'
import { fetchHostKeys } from '../lib/transport/ssh/fetch-host-keys.ts'
import { nameOf, readHostKeys } from '../lib/transport/ssh/host-key.ts'
import {
  fingerprint,
  judgeKey,
  type KnownHost,
  readKeyType,
} from '../lib/transport/ssh/known-hosts.ts'
import {
  parseTypedHost,
  readLoginSettings,
  resolveTarget,
} from '../lib/transport/ssh/resolve-target.ts'
import {
  defaultKnownHosts,
  expandHome,
  formatEndpoint,
  type Target,
} from '../lib/transport/ssh/target.ts'

const flags = {
  fingerprint: {
    type: 'string',
    short: 'f',
    multiple: true,
    value: 'SHA256:…',
    help: 'enrol only the key with this fingerprint; may be repeated',
  },
  yes: { type: 'boolean', short: 'y', help: 'enrol all keys without asking' },
  replace: { type: 'boolean', help: 'the host was reinstalled: remove its old keys' },
  file: {
    type: 'string',
    value: 'FILE',
    help: 'known_hosts file (default: knownHosts of hosts.yaml, or ~/.ssh/known_hosts)',
  },
  inventory: FLAGS.inventory,
} as const

const script: ScriptDefinition<typeof flags> = {
  usage: ['scripts/enrol.ts HOST …'],
  about:
    'Fetches the host keys of a server and adds them to its known_hosts file, after you agree.',
  flags,
  notes: [
    'HOST is a name in hosts.yaml, or [USER@]ADDRESS[:PORT], such as a jump host.',
    'To print the fingerprints on the server itself:',
    '  for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done',
  ],
  needsWords: true,
}
type Values = FlagValues<typeof flags>

const findTarget = async (host: string, { inventory, file }: Values): Promise<Target> => {
  const project = findHostProject(host, inventory)
  const hosts = project === null ? new Map<string, Host>() : (await loadProject(project)).hosts
  const found = hosts.get(host)
  const meant = /[.:@]/.test(host) ? '' : formatSuggestion(host, hosts.keys())
  if (!found && meant)
    throw new InputError({
      place: project?.inventory ?? host,
      message: `there is no host ${host}${meant}`,
      next: `If it is another host: USER@${host}.`,
    })
  const want = found ? readLoginSettings(found) : parseTypedHost(host)
  if (!want)
    throw new InputError({
      message: `${host} is not a host`,
      next: 'Write a name of hosts.yaml, or USER@ADDRESS:PORT.',
    })
  const made = await resolveTarget(want, createConfigReader())
  return file ? { ...made, knownHosts: [file, ...(made.knownHosts ?? defaultKnownHosts())] } : made
}

/** Finds the project for a host. An address needs none: null if there is no project. */
const findHostProject = (host: string, inventory: string | undefined): Project | null => {
  const root = findNearestProject(process.cwd())
  const isAddress = /[.:@]/.test(host)
  if (inventory === undefined && root === null && isAddress) return null
  return findProject(process.cwd(), inventory)
}

/** Selects the keys to enrol, without those that are known. Throws if they must not be. */
const selectKeys = async (
  it: Target,
  shown: readonly Buffer[],
  { replace, fingerprint: given }: Values,
) => {
  const { lines } = await readHostKeys(it)
  const chosen = given ? shown.filter(key => given.includes(fingerprint(key))) : shown
  if (given && chosen.length === 0)
    throw new InputError({
      place: it.host,
      message: 'shows no key with this fingerprint',
      next: 'The fingerprint is mistyped, or this is not your server.',
    })
  const verdicts = chosen.map(key => ({ key, verdict: judgeKey(lines, key) }))
  const revoked = verdicts.map(({ verdict }) => verdict).find(verdict => verdict.kind === 'revoked')
  if (revoked?.kind === 'revoked')
    throw new InputError({
      place: `${revoked.by.file}:${revoked.by.line}`,
      message: `revokes a key that ${it.host} shows`,
      next: 'Give the server new host keys.',
    })
  const fresh = verdicts.filter(({ verdict }) => verdict.kind !== 'known').map(({ key }) => key)
  const old = lines.filter(line => line.marker === null && !shown.some(key => key.equals(line.key)))
  const changed = old.filter(
    line => fresh.some(key => readKeyType(key) === line.type) || fresh.length === verdicts.length,
  )
  if (fresh.length > 0 && changed.length > 0 && !replace) throw createChangedError(it, changed)
  return { fresh, old: replace ? old : [] }
}

const createChangedError = (it: Target, old: readonly KnownHost[]) =>
  new InputError(
    old.map((line, i) => ({
      place: `${line.file}:${line.line}`,
      message: `has another ${line.type} key of ${it.host}: ${fingerprint(line.key)}`,
      next:
        i < old.length - 1
          ? undefined
          : 'If you reinstalled it, add --replace. If not, the connection may be intercepted.',
    })),
  )

const confirmKeys = async (host: string, { yes, fingerprint: given }: Values) => {
  if (yes || given) return true
  if (!canAsk())
    throw new InputError({
      place: host,
      message: 'enrolling a key needs your consent, and there is no terminal to ask on',
      next: 'Give --fingerprint SHA256:… as printed on the server itself, or --yes.',
    })
  return askYes(`Are these the keys of ${host}?`, false)
}

const enrolHost = async (host: string, values: Values) => {
  const it = await findTarget(host, values)
  const shown = await fetchHostKeys(it)
  print(`${it.host} (${formatEndpoint(it.address, it.port)}) shows`)
  for (const key of shown) print(`  ${readKeyType(key)} ${fingerprint(key)}`)
  const { fresh, old } = await selectKeys(it, shown, values)
  if (fresh.length === 0) return print(`${it.host}: known already`)
  if (!(await confirmKeys(it.host, values)))
    throw new InputError({ place: it.host, message: 'nothing was enrolled' })
  const file = expandHome((it.knownHosts ?? defaultKnownHosts())[0] as string)
  await enrolKeys({ file, name: nameOf(it), keys: fresh, replaces: old })
  const keys = fresh.length === 1 ? 'one key' : `${fresh.length} keys`
  const removed = old.length > 0 ? `, ${old.length} old removed` : ''
  print(`${it.host}: ${keys} enrolled in ${file}${removed}`)
}

/** Reports a failure and sets the exit code: 1 bad input, 4 unreachable. */
const reportFailure = (error: unknown): void => {
  if (!(error instanceof InputError) && !(error instanceof Unreachable)) throw error
  const next = error instanceof Unreachable && error.next ? `\n  ${error.next}` : ''
  say(`${error.message}${next}`)
  process.exitCode = Math.max(Number(process.exitCode ?? 0), error instanceof Unreachable ? 4 : 1)
}

await runScript(import.meta, script, async ({ flags, words }) => {
  for (const host of words) await enrolHost(host, flags).catch(reportFailure)
})
