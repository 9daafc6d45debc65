import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pLimit from 'p-limit'
import { passMissing } from '../../disk/presence.ts'
import { Rejected } from './rejected-error.ts'
import { expandHome } from './target.ts'

/**
 * What ~/.ssh/config says of a host, as far as we follow it. What nothing is said of is left out.
 */
export type SshConfig = {
  readonly address?: string
  readonly port?: number
  readonly user?: string
  readonly identityFiles?: readonly string[]
  readonly identitiesOnly?: boolean
  readonly agent?: string | null
  readonly knownHosts?: readonly string[]
  readonly hostKeyAlias?: string
  readonly proxyJump?: string
  readonly proxyCommand?: string
}

/**
 * Asks for a host by its name in the inventory and the address that hosts.yaml gives it, if any.
 */
export type SshConfigs = (name: string, address?: string) => Promise<SshConfig>

/** The user's file, and the system's. */
const getUserFile = (): string => join(homedir(), '.ssh/config')
const systemFile = '/etc/ssh/ssh_config'

/** Words of Debian's own /etc/ssh/ssh_config: they tell us nothing. */
const idle = /^\s*(#|$|(Include|Host|SendEnv|HashKnownHosts|GSSAPI\w+)\b)/i

/** Seconds for ssh to read its files; a `Match exec` in them may run a program. */
const seconds = 10

const run = promisify(execFile)

/**
 * Reads ssh's own configuration through `ssh -G`, which knows Include, Match and all the rest. That
 * is a process a host: four at a
 * time, each host once, and none where the files say nothing or there is no ssh. `Host` lines are
 * matched by the inventory's name.
 */
export const createConfigReader = (
  files: readonly string[] = [getUserFile(), systemFile],
): SshConfigs => {
  const turn = pLimit(4)
  const read = new Map<string, Promise<SshConfig>>()
  let worthwhile: Promise<boolean> | undefined
  return async (name, address) => {
    worthwhile ??= hasSettings(files)
    const says = await worthwhile.catch(cause => {
      throw explainUnread(name, cause)
    })
    if (!says) return {}
    const key = `${name} ${address}`
    const config = read.get(key) ?? turn(() => ask(files, name, address))
    read.set(key, config)
    return config
  }
}

/** Whether any of the files, or one beside the system's, says more than Debian's own. */
const hasSettings = async (files: readonly string[]): Promise<boolean> => {
  const included = ((await readdir(`${systemFile}.d`).catch(passAbsent)) ?? []).map(name =>
    join(`${systemFile}.d`, name),
  )
  const texts = await Promise.all(
    [...files, ...included].map(file => readFile(file, 'utf8').catch(passAbsent)),
  )
  return texts.some(text =>
    (text ?? '')
      .split('\n')
      .some(
        line =>
          !idle.test(line) || (/^\s*include\b/i.test(line) && !line.includes(`${systemFile}.d/`)),
      ),
  )
}

/** The home of a user may be /dev/null, below which there is nothing. */
const passAbsent = (error: NodeJS.ErrnoException): null =>
  error.code === 'ENOTDIR' ? null : passMissing(error)

/**
 * Stands last, so that it holds where the user's files set nothing: `ssh -G` does not tell its own
 * defaults apart.
 */
const unset = ['User', 'IdentityFile', 'UserKnownHostsFile', 'GlobalKnownHostsFile'].map(
  word => `${word} brd-unset`,
)

const ask = async (
  files: readonly string[],
  name: string,
  address: string | undefined,
): Promise<SshConfig> => {
  const dir = await mkdtemp(join(tmpdir(), 'brd-ssh-'))
  try {
    const path = join(dir, 'config')
    await writeFile(
      path,
      [
        ...files.flatMap(file => ['Match all', `Include "${file}"`]),
        'Match all',
        ...unset,
        '',
      ].join('\n'),
    )
    const { stdout } = await run(
      'ssh',
      ['-G', '-F', path, ...(address ? ['-o', `HostName=${address}`] : []), '--', name],
      {
        timeout: seconds * 1000,
      },
    )
    return readConfig(stdout, name)
  } catch (error) {
    throw explainUnread(name, error as NodeJS.ErrnoException & { readonly stderr?: string })
  } finally {
    await rm(dir, { recursive: true })
  }
}

const explainUnread = (
  name: string,
  cause: NodeJS.ErrnoException & { readonly stderr?: string },
): Rejected =>
  new Rejected(
    name,
    `ssh cannot read its configuration: ${(cause.stderr || cause.message).trim()}`,
    {
      cause,
      next: 'Mend ~/.ssh/config; ssh -G shows what it makes of it.',
    },
  )

/** Reads what `ssh -G` prints: a word and its value on a line, some words several times. */
export const readConfig = (text: string, name: string): SshConfig => {
  const lines = text.split('\n').map(line => line.split(/ (.*)/))
  const all = (word: string) =>
    lines
      .filter(([key, value]) => key === word && value !== undefined && value !== 'brd-unset')
      .map(([, value]) => value as string)
  const one = (word: string) => all(word)[0]
  const hostname = one('hostname')
  const words = {
    h: hostname ?? name,
    n: name,
    r: one('user') ?? '',
    p: one('port') ?? '',
    d: homedir(),
    u: userInfo().username,
    '%': '%',
  }
  const expand = (value: string) =>
    value.replace(
      /%(.)/g,
      (token, letter: string) => (words as Record<string, string>)[letter] ?? token,
    )
  const files = [...all('userknownhostsfile'), ...all('globalknownhostsfile')]
    .flatMap(value => value.split(' '))
    .filter(file => file !== 'none' && file !== 'brd-unset')
  const identities = all('identityfile').filter(file => file !== 'none')
  return removeUndefined({
    address: hostname && expand(hostname),
    port: Number(one('port') ?? 22),
    user: one('user'),
    identityFiles: identities.length > 0 ? identities.map(expand) : undefined,
    identitiesOnly: one('identitiesonly') === 'yes' ? true : undefined,
    agent: parseAgent(one('identityagent')),
    knownHosts: files.length > 0 ? files.map(expand) : undefined,
    hostKeyAlias: one('hostkeyalias') && expand(one('hostkeyalias') as string),
    proxyJump: one('proxyjump'),
    proxyCommand: one('proxycommand'),
  })
}

/** IdentityAgent: a socket, a variable that names it, or none. */
const parseAgent = (value: string | undefined): string | null | undefined => {
  if (value === undefined || value === 'SSH_AUTH_SOCK') return undefined
  if (value === 'none') return null
  return value.startsWith('$')
    ? (process.env[value.replace(/^\$\{?|\}$/g, '')] ?? null)
    : expandHome(value)
}

/** The object without what is undefined. */
const removeUndefined = <T extends object>(
  object: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
