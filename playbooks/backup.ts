#!/usr/bin/env -S npx zx
/** The backups of an environment: `npx zx playbooks/backup.ts --env stage now`. */
import { resolve } from 'node:path'
import { InputError } from '../lib/errors/input-error.ts'
import { formatSuggestion } from '../lib/errors/suggest.ts'
import { playbook } from '../lib/playbook.ts'
import { print, say } from '../lib/report/print.ts'
import { listBackups } from './backup/list.ts'
import { backUpNow } from './backup/now.ts'
import { findProof } from './backup/proof.ts'
import { openTasks } from './backup/read.ts'
import { readJobs } from './backup/status.ts'
import { computeStatusCode, formatBackups, formatProof, formatStatus } from './backup/words.ts'
import { findEnvironment } from './deploy/environment.ts'
import { findService } from './deploy/services.ts'
import { noteStandIns } from './note-stand-ins.ts'
import { findDefaultState } from './verify/request.ts'

const usage = 'now | list | status'
const run = await playbook(import.meta, {
  about:
    'The backups of an environment. now: a full backup of the database and a snapshot of the ' +
    'files and of Redis, which go on if this ends; the same command watches on. list: what the ' +
    'bucket has. status: how the scheduled jobs fare. Exit codes: 0 all well, 1 bad input, 2 a ' +
    'backup failed or a job did not run when it was due, 4 something could not be read.',
  words: usage,
  flags: {
    env: { type: 'string', help: 'its name in hosts.yaml; required', required: true },
    state: {
      type: 'string',
      value: 'FOLDER',
      help: 'status: where the ledger of proofs is (default: ~/.local/state/brd/backups)',
    },
  },
})

const { flags, lab, words } = run
const [verb, ...more] = words
const entry = findEnvironment(run.inventory, flags.env)
const find = (service: string) => findService(entry, lab, service)
const findServices = async () => ({
  walg: await find('walg'),
  'walg-prune': await find('walg-prune'),
  restic: await find('restic'),
  'restic-prune': await find('restic-prune'),
})

const openReader = (what: string) => {
  run.requireHosts([entry.server], `${what} is read there`)
  return openTasks(entry, { sshConfig: !lab })
}

const verbs = {
  now: async () => {
    const { walg, restic } = entry.vars.app.images
    const services = await findServices()
    if (run.mode === 'apply') noteStandIns(run, [walg, restic])
    await backUpNow(run, entry, services)
    return 0
  },
  list: async () => {
    const services = await findServices()
    const list = await listBackups(entry.name, openReader('list'), services)
    print(flags.json ? JSON.stringify(list) : formatBackups(list).join('\n'))
    for (const fault of list.faults) say(fault)
    return list.faults.length > 0 ? 4 : 0
  },
  status: async () => {
    const services = await findServices()
    const { schedules } = entry.vars.backups
    const state = flags.state === undefined ? findDefaultState(process.env) : resolve(flags.state)
    const [jobs, proof] = await Promise.all([
      readJobs(openReader('status'), services, schedules),
      findProof(state, entry.name),
    ])
    const told = formatStatus(jobs, formatProof(entry.name, proof, state)).join('\n')
    print(flags.json ? JSON.stringify({ environment: entry.name, jobs, proof }) : told)
    return computeStatusCode(jobs, proof)
  },
}

const chosen = Object.entries(verbs).find(([name]) => name === verb)?.[1]
if (!chosen)
  throw new InputError({
    place: verb ?? 'playbooks/backup.ts',
    message:
      verb === undefined
        ? 'a command is required'
        : `no such word${formatSuggestion(verb, Object.keys(verbs))}`,
    next: usage,
  })
if (more.length > 0)
  throw new InputError({ place: more.join(' '), message: `${verb} takes no word`, next: usage })
const code = await chosen()
// The run has set its own exit code by then.
process.on('exit', () => {
  process.exitCode ||= code
})
