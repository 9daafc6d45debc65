/** A project of its own, with a store, whose playbook verifies the backups of a BackupLab. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initStore } from '../../lib/secrets/store.ts'
import type { BackupLab } from './backup-lab.ts'
import { type RunResult, root } from './run-playbook.ts'

/** What the playbook of such a project does. */
export type BackupProject = {
  /** The state folder: ledger, key, nights. */
  readonly state: string
  /** Runs verify-backups with these flags, in a process without a terminal. */
  readonly verify: (...flags: readonly string[]) => Promise<RunResult>
  /** The same with more variables in its environment. */
  readonly verifyIn: (
    variables: Readonly<Record<string, string>>,
    ...flags: readonly string[]
  ) => Promise<RunResult>
  readonly remove: () => void
}

/** Makes the project. */
export const makeBackupProject = async ({
  bucket,
  endpoint,
  engine,
  images,
  secrets,
}: BackupLab['store']): Promise<BackupProject> => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-backups-'))
  for (const path of ['lib', 'roles', 'playbooks', 'settings.ts', 'package.json', 'tsconfig.json'])
    cpSync(join(root, path), join(folder, path), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, 'home'))
  writeFileSync(
    join(folder, 'hosts.yaml'),
    `clusters:
  c: {domain: c.example, servers: {one: {address: 192.0.2.1}}}
environments:
  stage:
    server: one
    hosts: [stage.example]
    timezone: Europe/Moscow
    bucket: {name: assets}
    backups:
      bucket: {name: ${bucket}, endpoint: '${endpoint}'}
      query: SELECT COUNT(*) FROM app.orders
    app: {images: {walg: '${images.walg}', restic: '${images.restic}'}}
  bare:
    server: one
    hosts: [bare.example]
    timezone: Europe/Moscow
    bucket: {name: other-assets}
`,
  )
  const key = join(folder, 'age.key')
  const store = await initStore({ path: join(folder, 'secrets/brd.age'), key })
  await store.change(contents => void Object.assign(contents.secrets, secrets))
  const state = join(folder, 'state')
  const verifyIn: BackupProject['verifyIn'] = async (variables, ...flags) => {
    const child = spawn(
      process.execPath,
      [
        ...['--import', join(folder, 'lib/preload.mjs')],
        join(folder, 'node_modules/zx/build/cli.js'),
        ...[join(folder, 'playbooks/verify-backups.ts'), '--state', state, ...flags],
      ],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          HOME: join(folder, 'home'),
          BRD_AGE_KEY_FILE: key,
          ...(engine === null ? {} : { DOCKER_HOST: engine }),
          ...variables,
        },
      },
    )
    const text = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (chunk: Buffer) => {
        text[name] += chunk
      })
    const [code, signal] = await once(child, 'close')
    return { code, signal, ...text }
  }
  return {
    state,
    verify: (...flags) => verifyIn({}, ...flags),
    verifyIn,
    remove: () => rmSync(folder, { recursive: true }),
  }
}
