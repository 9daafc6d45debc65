import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { skip } from '../../../../scripts/test/skip.ts'
import { root, runPlaybook } from '../../../support/run-playbook.ts'

const folder = mkdtempSync(join(tmpdir(), 'brdtest-files-'))
test.before(() => {
  if (userInfo().uid !== 0) skip('only root can change this machine as a host')
  const text = readFileSync(join(root, 'hosts.yaml'), 'utf8')
  writeFileSync(join(folder, 'hosts.yaml'), text.replace('address: 192.0.2.11', 'address: local'))
})
test.after(() => rmSync(folder, { recursive: true, force: true }))
const flags = ['-i', join(folder, 'hosts.yaml'), '--dir', folder, '-y', '-l', 'old-one']

test('in check mode nothing is brought anywhere', async () => {
  const { code, stderr } = await runPlaybook('files', [...flags, '--check'])
  assert.is(code, 0, stderr)
  assert.not.ok(existsSync(join(folder, 'one')))
})

test('a list of tasks connects to no host, and calls what it would read unknown', async () => {
  const { code, stdout, stderr } = await runPlaybook('files', [...flags, '--list-tasks'])
  assert.equal([code, existsSync(join(folder, 'two'))], [1, false])
  assert.match(stdout + stderr, /old-one: .*f is not read: nothing is connected to/)
})

test('a playbook brings a folder to another place, and files to this machine', async () => {
  const { code, stdout, stderr } = await runPlaybook('files', flags)
  assert.is(code, 0, stdout + stderr)
  assert.match(stdout, /seen: \. f, from one, from one/)
  assert.match(stdout, /two as .*one of old-one: 2 differed/)
  assert.is(readFileSync(join(folder, 'two/f'), 'utf8'), 'from one\n')
  const again = await runPlaybook('files', flags)
  assert.match(again.stdout, /seen: , from one, from one/)
  assert.match(again.stdout, /nothing differs/)
})

test.run()
