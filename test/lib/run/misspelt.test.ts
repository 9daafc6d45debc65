import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runPlaybook } from '../../support/run-playbook.ts'

const folder = mkdtempSync(join(tmpdir(), 'brdtest-misspelt-'))
const inventory = join(folder, 'hosts.yaml')
// Nobody answers there: a run that connected would end with 4.
const servers = 'web1: {address: 192.0.2.1}, web2: {address: 192.0.2.2}'
writeFileSync(inventory, `servers: {${servers}}\n`)
test.after(() => rmSync(folder, { recursive: true, force: true }))

/** What is misspelt, and what is said; no host is connected to. */
const rows: Readonly<Record<string, RegExp>> = {
  role: /^web1, web2: base: there is no option opertors; did you mean "operators"\?$/m,
  play: /^the play misspelt: there is no option seral; did you mean "serial"\?\n {2}it takes /m,
  until:
    /^run\.until: there is no option secnds; did you mean "seconds"\?\n {2}it takes seconds, e/m,
  undo: /^run\.undo: seconds: "5m" is not possible\n {2}it is a number, 0 or more$/m,
  confirm: /^run\.confirmTyped: there is no option typ; did you mean "type"\?/m,
  command: /^web1: \$: there is no option nothrw; did you mean "nothrow"\?\n {2}it takes stdin, /m,
  call: /^web1: \$: "uptime" is not possible\n {2}it is an object with stdin, timeout, /m,
  timeout: /^web1: \$: timeout: "5 m" is not possible\n {2}it is text like 1m or 1s$/m,
  read: /^run\.files\.read: path: "etc\/motd" is not possible\n {2}it is an absolute path/m,
  fetch: /^run\.files\.fetch: to is expected\n {2}it is text$/m,
  synchronise: /^run\.files\.synchronise: there is no option exlude; did you mean "exclude"\?/m,
  hosts: /^run\.hosts: pattern: a list is not possible\n {2}it is text$/m,
  cluster: /^run\.cluster: name is expected\n {2}it is text of one line$/m,
  note: /^run\.note: text is expected\n {2}it is text$/m,
  requireHosts:
    /^run\.requireHosts: "web1" is not a list of hosts\n {2}write run\.hosts\("web1"\)$/m,
  played: /^run\.play: "web1" is not a list of hosts\n {2}write run\.hosts\("web1"\)$/m,
  named: /^run\.play: name: 7 is not possible\n {2}it is text of one line$/m,
  question: /^run\.confirm: text: an object is not possible\n {2}it is text$/m,
  remote: /^run\.on: "web1" is not a host\n {2}write run\.hosts\("web1"\)$/m,
  second: /^run\.secondLogin: a list is not a host\n {2}give hosts of run\.hosts/m,
  waits: /^run\.until: what: 30 is not possible\n {2}it is text$/m,
  undone: /^run\.undo: what: a function is not possible\n {2}it is text$/m,
  secret: /^run\.secret: name is expected\n {2}it is text/m,
  given: /^run\.givenSecret: name: .* is not possible\n {2}it is text/m,
  settings: /^declareSettings\(\), web: there is no option setings; did you mean "settings"\?/m,
  types: /^declareSettings\(\), web: settings\.domain is not a type\n {2}give a type of zod/m,
  place: /^run\.files\.synchronise from: there is no option pth; did you mean "path"\?/m,
}
for (const [slip, said] of Object.entries(rows))
  test(`misspelt: ${slip}`, async () => {
    const { code, stdout, stderr } = await runPlaybook('misspelt', [
      '-i',
      inventory,
      '--slip',
      slip,
    ])
    const all = stdout + stderr
    assert.match(all, said)
    assert.is(code, 1, all)
    assert.not.match(all, /^\s+at |\.ts:\d/m, 'no stack')
  })

test.run()
