import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { rollBack } from '../../../../lib/operations/stack/rollback.ts'

/** Stands for docker: tells the states of four services, and writes down what it is asked to do. */
const shim = (folder: string) => `#!/bin/sh
case "$1 $2" in
  'service ls')
    case $* in
      *Name*) printf 'stage_nginx\\nstage_php\\nstage_cron\\nstage_new\\n' ;;
      *) printf 'a\\nb\\n' ;;
    esac ;;
  'service inspect')
    case $* in
      *stage_php) echo rollback_completed ;;
      *stage_nginx) echo updating ;;
      *stage_*) echo completed ;;
      *) echo rollback_completed ;;
    esac ;;
  *) echo "$*" >>${folder}/did ;;
esac
`

for (const shell of ['dash', 'bash', 'busybox sh'])
  test(`${shell}: services go back, what Docker took back itself is left, what is new goes`, () => {
    const [command = '', ...words] = shell.split(' ')
    if (spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0) return
    const folder = mkdtempSync(join(tmpdir(), 'brdtest-rollback-'))
    writeFileSync(join(folder, 'docker'), shim(folder))
    chmodSync(join(folder, 'docker'), 0o755)
    const before = "versions='stage_cron 11\nstage_nginx 12\nstage_php 13'\n"
    const { status, stderr } = spawnSync(
      command,
      [...words, '-c', `PATH=${folder}:$PATH\n${before}${rollBack('stage', 5).text}`],
      {
        encoding: 'utf8',
      },
    )
    const did = readFileSync(join(folder, 'did'), 'utf8')
    rmSync(folder, { recursive: true })
    assert.is(status, 0, stderr)
    assert.is(
      did,
      'service rollback --detach stage_nginx\nservice rollback --detach stage_cron\nservice rm stage_new\n',
    )
    assert.match(
      stderr,
      /rolling the whole stack back to the previous version\nstage_new is new: removed\n/,
    )
  })

test.run()
