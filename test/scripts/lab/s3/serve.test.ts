import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { serve } from '../../../../scripts/lab/s3/serve.ts'
import { waitUntil } from '../../../support/run-playbook.ts'
import { writePrograms } from '../../../support/sandbox.ts'

const folder = mkdtempSync(join(tmpdir(), 'brd-serve-'))
const test = suite('serve')
let child: ChildProcess | undefined
test.after(() => {
  if (child?.pid) process.kill(-child.pid, 'SIGKILL')
  rmSync(folder, { recursive: true })
})

/** A server that writes down where it listens and the keys that it was started with. */
const rclone = `#!/bin/sh
echo "$4 $RCLONE_AUTH_KEY" >>${folder}/started
exec sleep 600
`

test('each bucket has its server; new keys restart one server, and the others go on', async () => {
  writePrograms(folder, { rclone })
  mkdirSync(join(folder, 's3'))
  writeFileSync(join(folder, 's3/servers'), 'stage assets 9001\nprod other 9002\n')
  writeFileSync(join(folder, 's3/stage.keys'), '"a,b"\n')
  writeFileSync(join(folder, 's3/prod.keys'), '"c,d"\n')
  const script = serve
    .replaceAll('/lab/s3', join(folder, 's3'))
    .replaceAll('"/data', `"${folder}/data`)
  child = spawn('sh', ['-c', script], {
    env: { ...process.env, PATH: `${folder}/bin:${process.env['PATH']}` },
    detached: true,
    stdio: 'ignore',
  })
  const started = (): string[] =>
    existsSync(join(folder, 'started'))
      ? readFileSync(join(folder, 'started'), 'utf8').trim().split('\n').sort()
      : []
  await waitUntil('both are started', () => started().length === 2, 30)
  assert.equal(started(), [':9001 "a,b"', ':9002 "c,d"'])
  assert.ok(existsSync(join(folder, 'data/stage/assets')))
  writeFileSync(join(folder, 's3/stage.keys'), '"a,b","e,f"\n')
  await waitUntil('one is started anew', () => started().length === 3, 30)
  assert.equal(started(), [':9001 "a,b"', ':9001 "a,b","e,f"', ':9002 "c,d"'])
})

test.run()
