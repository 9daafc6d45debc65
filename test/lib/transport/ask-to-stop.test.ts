import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openRemote } from '../../../lib/run/remote/remote.ts'
import type { Connector } from '../../../lib/transport/session.ts'
import { Session } from '../../../lib/transport/session.ts'
import { waitUntil } from '../../support/run-playbook.ts'
import { localReach, SHELLS, selectShells } from '../../support/shells.ts'

/** Ends a session and its folder after the body. */
const withSession = async (
  reach: (folder: string) => Connector,
  body: (at: {
    folder: string
    session: Session
    /** Makes the file `name`, then waits for `go`; resolves to how it ended. */
    begin: (name: string) => Promise<string>
  }) => Promise<void>,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-ask-'))
  const session = new Session(reach(folder))
  const { $ } = openRemote({
    session,
    emit: () => {},
    redact: text => text,
    explainSkip: () => null,
  })
  const begin = (name: string) =>
    $`: >${folder}/${name}; while [ ! -e ${folder}/go ]; do sleep 0.1; done`.then(
      () => 'done',
      (error: unknown) => (error as Error).message,
    )
  try {
    await body({ folder, session, begin })
  } finally {
    await session.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A program of the host that does something else first. */
const putTool = (folder: string, name: string, first: string): void => {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${first}\nPATH=/usr/bin:/bin exec ${name} "$@"\n`)
  chmodSync(path, 0o755)
}

const ENDED = /ended by SIG|^interrupted$/

for (const name of SHELLS) {
  const test = suite(`ask to stop in ${name}`)

  test('a command whose shell has not greeted yet is ended as soon as it has', () => {
    let release = () => {}
    let shells = 0
    const local = localReach(name)
    // What the second shell is sent comes late.
    const rootShell: Connector['rootShell'] = async connection => {
      const process = await local.rootShell(connection)
      if (shells++ !== 1) return process
      const stdin = new PassThrough()
      release = () => void stdin.pipe(process.stdin)
      return { ...process, stdin }
    }
    return withSession(
      () => ({ ...local, rootShell }),
      async ({ folder, session, begin }) => {
        const one = begin('one')
        await waitUntil('one runs', () => existsSync(`${folder}/one`))
        const two = begin('two')
        await waitUntil('the shell of two is there', () => shells === 2)
        const told = session.interrupt('kill')
        release()
        await told
        assert.match(await one, ENDED)
        assert.match(await two, ENDED)
      },
    )
  })

  test('a command whose shell is only being opened does not begin', () => {
    let release = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    let asked = false
    const local = localReach(name)
    const rootShell: Connector['rootShell'] = async connection => {
      if (asked) return local.rootShell(connection)
      asked = true
      await held
      return local.rootShell(connection)
    }
    return withSession(
      () => ({ ...local, rootShell }),
      async ({ folder, session, begin }) => {
        const one = begin('one')
        await waitUntil('its shell is asked for', () => asked)
        await session.interrupt('stop')
        writeFileSync(`${folder}/go`, '')
        release()
        assert.is(await one, 'interrupted')
        assert.not(existsSync(`${folder}/one`))
      },
    )
  })

  if (selectShells(['mkfifo', 'sleep']).includes(name))
    test('a command that has looked for the stop request, and does not run yet, is ended', () =>
      withSession(
        folder => {
          putTool(
            folder,
            'mkfifo',
            `: >${folder}/looked; until [ -e ${folder}/on ]; do sleep 0.1; done`,
          )
          putTool(folder, 'sleep', `[ "$1" != 0.2 ] || : >${folder}/waits`)
          return localReach(name, undefined, folder)
        },
        async ({ folder, session, begin }) => {
          const one = begin('one')
          await waitUntil('it has looked', () => existsSync(`${folder}/looked`))
          const told = session.interrupt('kill')
          const waits = waitUntil('it is waited for', () => existsSync(`${folder}/waits`))
          await Promise.race([told, waits])
          writeFileSync(`${folder}/on`, '')
          await told
          assert.match(await one, ENDED)
        },
      ))

  if (selectShells(['awk']).includes(name))
    test('a command is ended although what lists its processes is ended first', () =>
      withSession(
        folder => {
          const first = `[ -e ${folder}/listed ] || { : >${folder}/listed; kill -KILL $$; }`
          putTool(folder, 'awk', first)
          return localReach(name, undefined, folder)
        },
        async ({ folder, session, begin }) => {
          const one = begin('one')
          await waitUntil('it runs', () => existsSync(`${folder}/one`))
          await session.interrupt('kill')
          assert.match(await one, ENDED)
          assert.ok(existsSync(`${folder}/listed`))
        },
      ))

  test.run()
}
