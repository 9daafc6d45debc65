import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { root, zxArguments } from '../../support/run-playbook.ts'

const folder = mkdtempSync(join(tmpdir(), 'brdtest-print-'))
const inventory = join(folder, 'hosts.yaml')
const hosts = Array.from({ length: 5000 }, (_, i) => `  a-host-${i}: {address: h${i}.example}\n`)
writeFileSync(inventory, `servers:\n${hosts.join('')}`)
test.after(() => rmSync(folder, { recursive: true, force: true }))

const words = (...more: readonly string[]): string[] => [
  ...zxArguments('test/fixtures/playbooks/steps.ts'),
  '-i',
  inventory,
  ...more,
]

for (const flag of ['--list-hosts', '--list-tasks'])
  test(`a reader that leaves is no error: ${flag}`, async () => {
    const child = spawn(process.execPath, words(flag), { cwd: root })
    let stderr = ''
    child.stderr.on('data', chunk => {
      stderr += chunk
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise(resolve => child.on('close', resolve))
    assert.equal([code, stderr], [0, ''])
  })

test('a text that cannot be written is exit code 1', () => {
  const full = openSync('/dev/full', 'w')
  const { status } = spawnSync(process.execPath, words('--list-hosts'), {
    cwd: root,
    stdio: ['ignore', full, 'ignore'],
  })
  closeSync(full)
  assert.is(status, 1)
})

test.run()
