/** The yardstick: W1 by one script that somebody wrote by hand, and OpenSSH to carry it. */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Path } from '../../lib/operations/file/entry.ts'
import { quote } from '../../lib/sh.ts'
import type { Ground } from './bench-hosts.ts'
import type { Server } from './delayed-server.ts'
import type { Measured } from './measurement.ts'
import { describeWorkload, listCommands, listFiles, listFolders } from './workload.ts'

const functions = `set -e; n=0
folder() { [ -d "$1" ] && [ "$(stat -c %a "$1")" = 755 ] ||
  { mkdir -p "$1"; chmod 755 "$1"; n=$((n+1)); }; }
content() { cat >"$1.new"
  if cmp -s "$1.new" "$1" && [ "$(stat -c %a "$1")" = 644 ]; then rm "$1.new"
  else chmod 644 "$1.new"; mv "$1.new" "$1"; n=$((n+1)); fi; }
setting() { grep -qx "$2=$3" "$1" ||
  { if grep -q "^$2=" "$1"; then sed -i "s|^$2=.*|$2=$3|" "$1"
    else echo "$2=$3" >>"$1"; fi; n=$((n+1)); }; }
creates() { [ -e "$1" ] || { sh -c "$2"; n=$((n+1)); }; }
`

/** W1 as a script for `sh -s`. Its last line says how much it changed. */
export const renderRawScript = (home: Path): string => {
  const { path, edits } = describeWorkload(home)
  return [
    functions.trimEnd(),
    ...listFolders(home).map(path => `folder ${quote(path)}`),
    ...listFiles(home).map(({ path, content }) => `content ${quote(path)} <<'EOF'\n${content}EOF`),
    ...Object.entries(edits).map(([key, value]) => `setting ${quote(path)} ${key} ${quote(value)}`),
    ...listCommands(home).map(({ path, command }) => `creates ${quote(path)} ${quote(command)}`),
    'echo "changed $n"\n',
  ].join('\n')
}

/** User and system seconds of the children, from the second line of what bash's `times` prints. */
export const sumChildSeconds = (times: string): number =>
  [...(times.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
    0,
  )

/** How many processes of ssh run at a time: more than that do not fit on a small machine. */
const AT_ONCE = 100

/**
 * Runs a script on each server with a process of ssh for each, a hundred at a time. Rejects if one
 * fails, or after so many milliseconds.
 */
export const runRawScript = async (
  ground: Ground,
  servers: readonly Server[],
  scriptOf: (server: Server) => string,
  ms: number,
): Promise<Measured> => {
  const jobs = servers.map(server => {
    const input = join(ground.dir, `${server.name}.sh`)
    writeFileSync(input, scriptOf(server))
    return `${renderSsh(ground, server)} <${quote(input)} >${quote(`${input}.out`)} &`
  })
  const since = performance.now()
  const times = await runBash(paceJobs(jobs), ms)
  const seconds = (performance.now() - since) / 1000
  const said = servers.map(
    ({ name }) =>
      /^changed (\d+)$/m.exec(readFileSync(join(ground.dir, `${name}.sh.out`), 'utf8'))?.[1],
  )
  if (said.includes(undefined))
    throw new Error(`the raw script failed on ${servers[said.indexOf(undefined)]?.name}`)
  return {
    seconds,
    cpu: sumChildSeconds(times),
    changed: said.reduce((sum, n) => sum + Number(n), 0),
  }
}

/** A hundred are begun, then one for each that has ended. */
const paceJobs = (jobs: readonly string[]): string =>
  [...jobs.map((job, i) => (i < AT_ONCE ? job : `wait -n; ${job}`)), 'wait', 'times'].join('\n')

/** Copies a local file into the folder of each server with scp, one after the other. */
export const copyByScp = (
  on: Ground,
  servers: readonly Server[],
  source: string,
  round: string,
  ms: number,
): Promise<Measured> =>
  copyToEach(servers, ms, ({ name, address, port }) => {
    const to = `${on.user}@${address}:${join(on.dir, round, name, 'large')}`
    return `scp -q ${renderLogin(on)} -P ${port} ${quote(source)} ${quote(to)}`
  })

/**
 * Brings a local folder into the folder of each server with rsync, one after the other; by content,
 * as the tool does, and not by the times of files.
 */
export const copyByRsync = (
  on: Ground,
  servers: readonly Server[],
  source: string,
  round: string,
  ms: number,
): Promise<Measured> =>
  copyToEach(servers, ms, ({ name, address, port }) => {
    const to = `${on.user}@${address}:${join(on.dir, round, name, 'many')}`
    const rsh = quote(`ssh ${renderLogin(on)} -p ${port}`)
    return `rsync --archive --checksum --rsh ${rsh} ${quote(`${source}/`)} ${quote(to)}`
  })

const copyToEach = async (
  servers: readonly Server[],
  ms: number,
  job: (server: Server) => string,
): Promise<Measured> => {
  const since = performance.now()
  const times = await runBash(
    [...servers.map(server => `${job(server)} || exit`), 'times'].join('\n'),
    ms,
  )
  return {
    seconds: (performance.now() - since) / 1000,
    cpu: sumChildSeconds(times),
    changed: servers.length,
  }
}

const renderSsh = (on: Ground, { address, port }: Server): string =>
  `ssh ${renderLogin(on)} -p ${port} ${on.user}@${address} sh -s`

const renderLogin = ({ identityFile, knownHosts }: Ground): string =>
  `-F none -o BatchMode=yes -o IdentitiesOnly=yes -o LogLevel=ERROR -i ${quote(identityFile)} \
-o UserKnownHostsFile=${quote(knownHosts)}`

/**
 * Runs a script in bash and returns its output. Rejects if it fails, or after so many milliseconds.
 */
export const runBash = (text: string, ms: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', 'eval "$(cat)"'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: Math.max(1, Math.round(ms)),
    })
    let out = ''
    child.stdout.on('data', chunk => (out += chunk))
    child.on('error', reject)
    child.stdin.end(text) // a thousand commands are longer than an argument may be
    child.on('close', code =>
      code === 0 ? resolve(out) : reject(new Error(`bash ended with ${code}`)),
    )
  })
