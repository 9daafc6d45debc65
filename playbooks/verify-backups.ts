#!/usr/bin/env -S npx zx
/** Verifies backups by restoring them: `npx zx playbooks/verify-backups.ts`. */
import { playbook } from '../lib/playbook.ts'
import { verifyBackups } from './verify/verify.ts'

const run = await playbook(import.meta, {
  about:
    'Restores the backups of environments into containers that are thrown away, compares them ' +
    'with what was backed up, and keeps what was proven in a signed ledger. Exit codes: 0 each ' +
    'PASS, 1 bad input, 2 a FAIL, 4 a COULD NOT VERIFY, 5 another verification runs, 6 the ' +
    'results could not be kept or delivered, or the ledger was changed.',
  flags: {
    env: {
      type: 'string',
      multiple: true,
      help: 'environments of hosts.yaml: a,b (default: all that have backups)',
    },
    state: {
      type: 'string',
      value: 'FOLDER',
      help: 'where the ledger, its key and past nights are (default: ~/.local/state/brd/backups)',
    },
    parallel: {
      type: 'string',
      value: 'NUMBER',
      help: 'environments that are restored at the same time (default 1)',
    },
    'json-file': { type: 'string', value: 'FILE', help: 'write the results to this file too' },
    webhook: { type: 'string', value: 'SECRET', help: 'post alarms as JSON to this URL' },
    'mail-to': { type: 'string', multiple: true, help: 'mail alarms through sendmail: a@b,c@d' },
    ping: { type: 'string', value: 'SECRET', help: 'ask for this URL if all passed' },
    'html-folder': { type: 'string', value: 'FOLDER', help: 'write a page with trends' },
    'prometheus-file': { type: 'string', value: 'FILE', help: 'write metrics, NAME.prom' },
    'junit-file': { type: 'string', value: 'FILE', help: 'write JUnit XML' },
    'log-file': { type: 'string', value: 'FILE', help: 'add a line of JSON per environment' },
    'answer-within': {
      type: 'string',
      value: 'SECONDS',
      help: 'how long a bucket may take to list its backups (default 120)',
    },
    network: {
      type: 'string',
      value: 'NAME',
      help: "Docker's network of the containers that fetch (default: Docker's own bridge)",
    },
  },
})
const code = await verifyBackups(run, run.flags)
// The run has set its own exit code by then.
process.on('exit', () => {
  process.exitCode ||= code
})
