/** W1 by pyinfra 3, if it is installed: the same thirty tasks as one deploy. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Path } from '../../lib/operations/file/entry.ts'
import { quote } from '../../lib/sh.ts'
import type { Ground } from './bench-hosts.ts'
import type { Server } from './delayed-server.ts'
import type { Measured } from './measurement.ts'
import { runBash, sumChildSeconds } from './raw-ssh.ts'
import { describeWorkload, listCommands, listFiles, listFolders } from './workload.ts'

/** Its version, or null if it is not installed. */
export const findPyinfra = (): string | null => {
  const { status, stdout } = spawnSync('pyinfra', ['--version'], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  return status === 0 ? stdout.trim() : null
}

/** Plays W1 on these servers, each under its own folder. Rejects as `ansible` does. */
export const runPyinfra = async (
  on: Ground,
  servers: readonly Server[],
  round: string,
  ms: number,
): Promise<Measured> => {
  const dir = join(on.dir, `pyinfra-${round}`)
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'hosts.py'), renderInventory(on, servers, round))
  writeFileSync(join(dir, 'deploy.py'), renderDeploy())
  const log = join(dir, 'log')
  const since = performance.now()
  const times = await runBash(
    `cd ${quote(dir)} && pyinfra hosts.py deploy.py --yes >${quote(log)} 2>&1 || \
{ tail -n 3 ${quote(log)} >&2; exit 1; }; times`,
    ms,
  )
  const seconds = (performance.now() - since) / 1000
  return { seconds, cpu: sumChildSeconds(times), changed: countChanged(readFileSync(log, 'utf8')) }
}

/** How many operations changed something: Hosts, then Success, in the last row of its results. */
export const countChanged = (log: string): number => {
  const success = /^\s*Grand total\s+\S+\s+(\d+|-)/m.exec(log)?.[1]
  if (success === undefined) throw new Error('no table of results was printed')
  return success === '-' ? 0 : Number(success)
}

const renderInventory = (
  { identityFile, user, dir, knownHosts }: Ground,
  servers: readonly Server[],
  round: string,
): string => {
  const hosts = servers.map(({ name, address, port }) => [
    name,
    {
      ssh_hostname: address,
      ssh_port: port,
      ssh_user: user,
      ssh_key: identityFile,
      ssh_known_hosts_file: knownHosts,
      ssh_strict_host_key_checking: 'yes',
      home: `${dir}/${round}/${name}`,
    },
  ])
  return `hosts = [tuple(host) for host in ${JSON.stringify(hosts)}]\n`
}

const renderDeploy = (): string => {
  const home = '/HOME' as Path
  const { path, edits } = describeWorkload(home)
  const tasks = {
    folders: listFolders(home),
    files: listFiles(home),
    settings: path,
    edits,
    commands: listCommands(home),
  }
  return `import io
import json

from pyinfra import host
from pyinfra.facts.files import File
from pyinfra.operations import files, server

text = ${JSON.stringify(JSON.stringify(tasks))}
tasks = json.loads(text.replace("/HOME", host.data.home))
for path in tasks["folders"]:
    files.directory(name=path, path=path, mode="755")
for it in tasks["files"]:
    files.put(name=it["path"], src=io.StringIO(it["content"]), dest=it["path"], mode="644")
for key, value in tasks["edits"].items():
    files.line(name=key, path=tasks["settings"], line=f"^{key}=.*$", replace=f"{key}={value}")
for it in tasks["commands"]:
    if host.get_fact(File, path=it["path"]) is None:
        server.shell(name=it["path"], commands=[it["command"]])
`
}
