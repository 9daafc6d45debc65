import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { requirePrograms } from '../../../scripts/test/skip.ts'

test.before(() => requirePrograms('tmux'))

const folder = mkdtempSync(join(tmpdir(), 'terminal-'))
const tmux = (...args: readonly string[]): string =>
  spawnSync('tmux', ['-u', '-S', join(folder, 'socket'), ...args], { encoding: 'utf8' }).stdout
test.after(() => {
  tmux('kill-server')
  rmSync(folder, { recursive: true })
})

/** Plays the made-up run in a terminal of its own. */
const open = (name: string, columns: number, args: string): void => {
  const run = `${process.execPath} --import ./lib/preload.mjs test/support/fake-run.ts ${args}`
  const command = `trap : INT; ${run}; echo "exit code $?"; sleep 60`
  tmux('new-session', '-d', '-s', name, '-x', String(columns), '-y', '90', command)
}

const seen = (name: string): string =>
  tmux('capture-pane', '-p', '-t', name).replace(/ +$/gm, '').trimEnd()

/** The screen as soon as it shows the pattern. */
const until = async (name: string, pattern: RegExp): Promise<string> => {
  for (let i = 0; i < 300; i++) {
    const text = seen(name)
    if (pattern.test(text)) return text
    await after(100)
  }
  throw new Error(`${pattern} never seen on:\n${seen(name)}`)
}

const rowsOf = (text: string): number =>
  text.split('\n').filter(line => /^[✔✖⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /.test(line)).length
const cursor = (name: string): string =>
  tmux('display-message', '-p', '-t', name, '#{cursor_flag}').trim()

test('fifty hosts are a row a step, then the recap; the cursor is back', async () => {
  open('fifty', 80, '--hosts 50 --speed 20')
  const text = await until('fifty', /exit code \d/)
  assert.match(text, /^✔ base {4}49\/49 hosts {2}98 changed$/m)
  assert.match(
    text,
    new RegExp(
      '^✖ docker {2}48/49 hosts {2}146 changed {2}1 failed' +
        String.raw`\n {2}› web03\.shop\.example: docker is not active`,
      'm',
    ),
  )
  assert.match(text, /played bootstrap-infra-stage: 50 hosts[\s\S]*exit code 0$/)
  assert.is(rowsOf(text), 5)
  assert.is(cursor('fifty'), '1')
})

test('check mode lists what would change, once for all hosts where it is the same', async () => {
  open('check', 200, '--check --diff --speed 20')
  const text = await until('check', /exit code \d/)
  assert.is(text.match(/would change {2}~ file \/etc\/motd/g)?.length, 1)
  assert.match(
    text,
    /^old-one new-prod infra-stage\n {2}would change {2}~ file \/etc\/motd\n {6}~ content:/m,
  )
})

test('thirty steps take at most twelve rows at a time, and the end shows them all', async () => {
  open('wide', 80, '--wide --hosts 2 --speed 2')
  const early = await until('wide', /more steps/)
  assert.ok(rowsOf(early) <= 12, early)
  const text = await until('wide', /exit code \d/)
  for (let step = 1; step <= 30; step++)
    assert.match(text, new RegExp(`^✔ step-${step} +2/2 hosts`, 'm'))
})

test('a question in the middle has the terminal for itself, and the rows come back', async () => {
  open('ask', 80, '--ask --speed 2')
  const text = await until('ask', /password\?/)
  assert.not.match(text, /docker {2}/)
  assert.is(cursor('ask'), '1')
  assert.match(
    await until('ask', /exit code \d/),
    /password\? given\n[\s\S]*^✖ docker {2}2\/3 hosts/m,
  )
})

test('Ctrl-C: the rows stay, what was running is named, the cursor is back', async () => {
  open('stopped', 80, '--speed 0.3')
  await until('stopped', /base .*sysctl|base .*apt/)
  assert.match(seen('stopped'), /› traefik is a stand-in/)
  tmux('send-keys', '-t', 'stopped', 'C-c')
  const text = await until('stopped', /exit code \d/)
  assert.match(text, /^✖ base .*0\/3 hosts/m)
  assert.match(text, /^interrupted: the outcome is unknown/m)
  assert.match(text, /^interrupted bootstrap-infra-stage: 4 hosts[\s\S]*exit code 130$/m)
  assert.is(cursor('stopped'), '1')
})

test.run()
