/**
 * W1 by Ansible, if it is installed: the same thirty tasks as a playbook, tuned as its own
 * documentation advises (pipelining, ControlPersist, forks).
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Path } from '../../lib/operations/file/entry.ts'
import { quote } from '../../lib/sh.ts'
import type { Ground } from './bench-hosts.ts'
import type { Server } from './delayed-server.ts'
import type { Measured } from './measurement.ts'
import { runBash, sumChildSeconds } from './raw-ssh.ts'
import { describeWorkload, listCommands, listFiles, listFolders } from './workload.ts'

/** A way to run a playbook of Ansible: plain, or with Mitogen's strategy from this folder. */
export type Ansible = {
  readonly name: 'Ansible' | 'Ansible + Mitogen'
  readonly version: string
  readonly strategies?: string
}

/** Those that are installed here. */
export const findAnsibles = (): Ansible[] => {
  const version = captureOutput('ansible-playbook', ['--version'])?.split('\n')[0]
  if (version === undefined) return []
  const mitogen = captureOutput('python3', [
    '-c',
    'import ansible_mitogen, os; print(os.path.dirname(ansible_mitogen.__file__))',
  ])?.trim()
  return [
    { name: 'Ansible', version },
    ...(mitogen
      ? [
          {
            name: 'Ansible + Mitogen',
            version,
            strategies: join(mitogen, 'plugins/strategy'),
          } as const,
        ]
      : []),
  ]
}

const captureOutput = (program: string, args: readonly string[]): string | undefined => {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 })
  return status === 0 ? stdout : undefined
}

/**
 * Plays W1 on these servers, each under its own folder. Rejects where a host fails, or after so
 * many milliseconds.
 */
export const runAnsible = async (
  by: Ansible,
  on: Ground,
  servers: readonly Server[],
  round: string,
  ms: number,
): Promise<Measured> => {
  const dir = join(on.dir, `ansible-${round}`)
  mkdirSync(dir, { recursive: true })
  writeFileSync(
    join(dir, 'hosts.ini'),
    servers.map(server => `${server.name} ${renderVariables(on, server, round)}\n`).join(''),
  )
  writeFileSync(
    join(dir, 'play.yml'),
    stringify([{ hosts: 'all', gather_facts: false, tasks: listTasks() }]),
  )
  writeFileSync(join(dir, 'ansible.cfg'), renderConfig(on, by))
  const log = join(dir, 'log')
  const since = performance.now()
  const times = await runBash(
    `cd ${quote(dir)} && ansible-playbook -i hosts.ini play.yml >${quote(log)} 2>&1 || \
{ tail -n 3 ${quote(log)} >&2; exit 1; }; times`,
    ms,
  )
  const seconds = (performance.now() - since) / 1000
  const changed = Number(
    await runBash(
      `awk -F 'changed=' \
'/changed=/ { split($2, n, " "); sum += n[1] } END { print sum + 0 }' ${quote(log)}`,
      ms,
    ),
  )
  return { seconds, cpu: sumChildSeconds(times), changed }
}

const renderVariables = (
  { identityFile, user, dir }: Ground,
  { address, port, name }: Server,
  round: string,
): string =>
  `ansible_host=${address} ansible_port=${port} ansible_user=${user} \
ansible_ssh_private_key_file=${identityFile} \
ansible_python_interpreter=/usr/bin/python3 home=${dir}/${round}/${name}`

const renderConfig = ({ knownHosts, dir }: Ground, { strategies }: Ansible): string => `[defaults]
forks = 50
host_key_checking = True
interpreter_python = /usr/bin/python3
local_tmp = ${dir}/ansible-tmp
remote_tmp = ${dir}/ansible-remote
${strategies ? `strategy_plugins = ${strategies}\nstrategy = mitogen_linear\n` : ''}[ssh_connection]
pipelining = True
control_path_dir = ${dir}/cp
ssh_args = -F none -o ControlMaster=auto -o ControlPersist=60s \
-o UserKnownHostsFile=${knownHosts} -o LogLevel=ERROR
`

/** The thirty tasks; `{{ home }}` is the host's own folder. */
const listTasks = (): object[] => {
  const home = '/HOME' as Path
  const at = (path: string) => path.replace(home, '{{ home }}')
  const { path, edits } = describeWorkload(home)
  return [
    ...listFolders(home).map(path => ({
      file: { path: at(path), state: 'directory', mode: '0755' },
    })),
    ...listFiles(home).map(({ path, content }) => ({
      copy: { dest: at(path), content, mode: '0644' },
    })),
    ...Object.entries(edits).map(([key, value]) => ({
      lineinfile: { path: at(path), regexp: `^${key}=`, line: `${key}=${value}` },
    })),
    ...listCommands(home).map(({ path, command }) => ({
      shell: { cmd: at(command), creates: at(path) },
    })),
  ]
}
