#!/usr/bin/env -S npx zx
/** Enrols the host keys of servers, by your word: `npx zx scripts/enrol.ts infra-stage`. */
import { parseArgs } from 'node:util'
import { readArguments } from '../lib/cli/argv.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { formatSuggestion } from '../lib/errors/suggest.ts'
import type { Host } from '../lib/inventory/inventory.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { findNearestProject, findProject, type Project } from '../lib/inventory/project.ts'
import { escapeControls } from '../lib/report/sanitize.ts'
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

const help = `npx zx scripts/enrol.ts HOST …
Fetches the keys that a host shows, and writes them to its known_hosts file once you say that they are its own.
HOST is a name of hosts.yaml, or [USER@]ADDRESS[:PORT], such as that of a jump host.
  -f, --fingerprint SHA256:…  enrol the key with this fingerprint, and no other; may be repeated
  -y, --yes                   enrol what is shown, unseen
      --replace               the host was reinstalled: its old keys go
      --file FILE             default: knownHosts of hosts.yaml, else ~/.ssh/known_hosts
  -i, --inventory FILE        default: hosts.yaml
The fingerprints on the server itself: for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done`

const options = {
  fingerprint: { type: 'string', short: 'f', multiple: true },
  yes: { type: 'boolean', short: 'y' },
  replace: { type: 'boolean' },
  file: { type: 'string' },
  inventory: { type: 'string', short: 'i' },
  help: { type: 'boolean', short: 'h' },
} as const
type Values = {
  fingerprint?: string[]
  yes?: boolean
  replace?: boolean
  file?: string
  inventory?: string
}

const say = (line: string) => process.stdout.write(`${line}\n`)

const target = async (host: string, { inventory, file }: Values): Promise<Target> => {
  const project = projectFor(host, inventory)
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
      message: `${host} is no host`,
      next: 'Write a name of hosts.yaml, or USER@ADDRESS:PORT.',
    })
  const made = await resolveTarget(want, createConfigReader())
  return file ? { ...made, knownHosts: [file, ...(made.knownHosts ?? defaultKnownHosts())] } : made
}

/** The project to look the host up in. An address needs none: null if there is no project. */
const projectFor = (host: string, inventory: string | undefined): Project | null => {
  const root = findNearestProject(process.cwd())
  const isAddress = /[.:@]/.test(host)
  if (inventory === undefined && root === null && isAddress) return null
  return findProject(process.cwd(), inventory)
}

/** The keys that may be enrolled: not those that are known. Throws where they may not. */
const news = async (
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
      next: 'Either it is mistyped, or this is not your server.',
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
  if (fresh.length > 0 && changed.length > 0 && !replace) throw changedKeys(it, changed)
  return { fresh, old: replace ? old : [] }
}

const changedKeys = (it: Target, old: readonly KnownHost[]) =>
  new InputError(
    old.map((line, i) => ({
      place: `${line.file}:${line.line}`,
      message: `has another ${line.type} key of ${it.host}: ${fingerprint(line.key)}`,
      next:
        i < old.length - 1
          ? undefined
          : 'If you reinstalled it, run this again with --replace. If not, somebody may stand in between.',
    })),
  )

const agreed = async (host: string, { yes, fingerprint: given }: Values) => {
  if (yes || given) return true
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new InputError({
      place: host,
      message: 'enrolling a key needs your word',
      next: 'Give --fingerprint SHA256:… as the server itself shows it, or --yes.',
    })
  const { confirm } = await import('@clack/prompts')
  return (
    (await confirm({ message: `Are these the keys of ${host}?`, initialValue: false })) === true
  )
}

const enrolOne = async (host: string, values: Values) => {
  const it = await target(host, values)
  const shown = await fetchHostKeys(it)
  say(`${it.host} (${formatEndpoint(it.address, it.port)}) shows`)
  for (const key of shown) say(`  ${readKeyType(key)} ${fingerprint(key)}`)
  const { fresh, old } = await news(it, shown, values)
  if (fresh.length === 0) return say(`${it.host}: known already`)
  if (!(await agreed(it.host, values)))
    throw new InputError({ place: it.host, message: 'nothing was enrolled' })
  const file = expandHome((it.knownHosts ?? defaultKnownHosts())[0] as string)
  await enrolKeys({ file, name: nameOf(it), keys: fresh, replaces: old })
  say(
    `${it.host}: ${fresh.length === 1 ? 'one key' : `${fresh.length} keys`} enrolled in ${file}${old.length > 0 ? `, ${old.length} old removed` : ''}`,
  )
}

const args = (): { values: Values & { help?: boolean }; positionals: string[] } => {
  try {
    return parseArgs({ args: readArguments(import.meta), options, allowPositionals: true })
  } catch (cause) {
    throw new InputError(
      { message: (cause as Error).message, next: 'npx zx scripts/enrol.ts --help' },
      { cause },
    )
  }
}

/** Exit codes as everywhere: 1 bad input, 4 unreachable. The other hosts are still enrolled. */
const failed = (error: unknown) => {
  if (!(error instanceof InputError) && !(error instanceof Unreachable)) throw error
  // A stranger's last words may stand in it.
  process.stderr.write(
    escapeControls(
      `${error.message}\n${error instanceof Unreachable && error.next ? `  ${error.next}\n` : ''}`,
    ),
  )
  process.exitCode = Math.max(Number(process.exitCode ?? 0), error instanceof Unreachable ? 4 : 1)
}

try {
  const { values, positionals } = args()
  if (values.help || positionals.length === 0) say(help)
  else for (const host of positionals) await enrolOne(host, values).catch(failed)
} catch (error) {
  failed(error)
}
