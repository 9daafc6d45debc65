import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadInventory } from '../../../../lib/inventory/load.ts'
import { openRemote, type Remote } from '../../../../lib/run/remote/remote.ts'
import { createConnectors } from '../../../../lib/transport/connector.ts'
import { Session } from '../../../../lib/transport/session.ts'
import { isInstalled, skip } from '../../../../scripts/test/skip.ts'
import { type Loopback, startLoopback } from '../../../support/loopback.ts'

/** Login shells of users whom a real sshd lets in, and the program that each needs. */
const logins = {
  dash: '/bin/dash',
  bash: '/bin/bash',
  busybox: 'ash',
  zsh: '/usr/bin/zsh',
  fish: '/usr/bin/fish',
} as const
const names = Object.keys(logins) as (keyof typeof logins)[]

const applets = mkdtempSync(join(tmpdir(), 'brdtest-ash-'))
let hosts: Loopback
const sessions = new Map<string, Session>()
test.before(async () => {
  chmodSync(applets, 0o755)
  for (const path of ['/bin/busybox', '/usr/bin/busybox'])
    if (existsSync(path) && !existsSync(join(applets, 'ash')))
      symlinkSync(path, join(applets, 'ash'))
  const here = names.filter(isInstalled)
  hosts = await startLoopback(here, { ...logins, busybox: join(applets, 'ash') })
  const inventory = await loadInventory(hosts.inventory)
  const reach = createConnectors({ sshConfig: false, onConnect: () => {} })
  for (const name of here) sessions.set(name, new Session(reach(inventory.hosts.get(name)!)))
})
test.after(async () => {
  await Promise.all([...sessions.values()].map(session => session.end()))
  await hosts?.stop()
  rmSync(applets, { recursive: true })
})

const shellOf = (name: string): Remote['$'] => {
  const session = sessions.get(name) ?? skip(`${name} not installed on this machine`)
  return openRemote({ session, emit: () => {}, redact: text => text, explainSkip: () => null }).$
}

/**
 * Texts that shells are known to stumble over, and any others. No NUL, which no shell can pass on;
 * no half of a pair, which is no UTF-8.
 */
const nasty = fc.constantFrom(
  "'",
  '"',
  '\\',
  '$',
  '`',
  '!',
  '!!',
  '~',
  '*',
  '?',
  '[',
  '{a,b}',
  '#',
  '\n',
  '\r',
  '\t',
  ' ',
  '-n',
  '--',
  '%s',
  '\\n',
  '$(id)',
  '=',
  '^',
  '&',
  '|',
  ';',
  '<',
  '>',
  '(',
  ')',
  '',
)
const text = fc
  .oneof(
    fc.array(nasty, { maxLength: 6 }).map(parts => parts.join('')),
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
  )
  .map(value => value.replaceAll('\0', ''))
  .filter(value => Buffer.from(value).toString() === value)

for (const name of names)
  test(`every word arrives as it is, where the login shell is ${name}`, async () => {
    const $ = shellOf(name)
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 40 }), async words => {
        const output = await $`printf '%s\0' ${words}`
        assert.equal(output.stdout.split('\0').slice(0, -1), words)
      }),
      { numRuns: 15 },
    )
  })

for (const name of names)
  test(`the text of a command is sh's own, where the login shell is ${name}`, async () => {
    const $ = shellOf(name)
    const value = `a'b "c" $d`
    assert.equal(
      await $`x=${value}; set -- "$x" 'it''s'; for i in "$@"; do echo "$i"; done
echo \${x%% *}; echo !! ~root`.lines(),
      [value, 'its', "a'b", '!! /root'],
    )
    assert.is((await $`exit 7`.nothrow()).exitCode, 7)
    assert.is(await $({ stdin: '\'"\\$(id)\n' })`cat`.text(), '\'"\\$(id)\n')
  })

test.run()
