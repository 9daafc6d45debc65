import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../../lib/converge/converge.ts'
import type { Operation } from '../../../../lib/operation.ts'
import { waitUntil } from '../../../support/run-playbook.ts'
import { openShell, SHELLS } from '../../../support/shells.ts'
import { fileExists, rawOperation } from '../../../support/with-engine.ts'

/** The processes of a session, by their ids. */
const listSession = (session: number | undefined): number[] =>
  readdirSync('/proc')
    .filter(pid => /^\d+$/.test(pid))
    .map(Number)
    .filter(pid => readSession(pid) === session)

const readSession = (pid: number): number | undefined => {
  try {
    const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(/\) (?!.*\) )/)
    return Number(rest.split(' ')[3])
  } catch {
    return undefined // it has ended
  }
}

for (const name of SHELLS) {
  const test = suite(`watchdog in ${name}`)

  type Desk = {
    readonly folder: string
    readonly open: () => ReturnType<typeof openShell>
    readonly make: (at: ReturnType<typeof openShell>, who: string, op: Operation) => Promise<string>
  }

  const desk = async (body: (desk: Desk) => Promise<void>): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-watchdog-'))
    const opened: ReturnType<typeof openShell>[] = []
    const open = () => {
      const shells = openShell(name)
      opened.push(shells)
      return shells
    }
    const lease = join(folder, 'lease')
    try {
      await body({
        folder,
        open,
        make: async ({ shell }, who, op) => {
          const options = { host: 'here', shell: async () => shell, lease: { path: lease, who } }
          return (await converge([op], options)).result
        },
      })
    } finally {
      for (const { shell, child } of opened) {
        shell.drop()
        for (const pid of listSession(child.pid)) process.kill(pid, 'SIGKILL')
      }
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /** What runs when its shell is killed: a change, or a probe. */
  const hanging: Record<string, (folder: string) => Operation> = {
    change: folder =>
      rawOperation({
        name: 'a',
        probe: `if [ -e ${folder}/a ]; then echo there; else echo absent; fi`,
        want: 'there\n',
        apply: `(sleep 600; :) & : >${folder}/begun; sleep 600; : >${folder}/a`,
        seconds: 2,
      }),
    probe: folder =>
      rawOperation({
        name: 'a',
        probe: `[ ! -e ${folder}/a ] || { : >${folder}/begun; sleep 600; }; echo absent`,
        want: 'there\n',
        apply: `: >${folder}/a`,
      }),
  }
  for (const [kind, makeOperation] of Object.entries(hanging))
    test(`a ${kind} that hangs after its shell was killed is ended at its deadline`, () =>
      desk(async ({ folder, open, make }) => {
        const one = open()
        const first = make(one, 'ann x 1', makeOperation(folder)).catch(() => {})
        await waitUntil('it runs', () => existsSync(join(folder, 'begun')))
        process.kill(one.child.pid ?? 0, 'SIGKILL')
        const two = open() // removes the folder of the dead shell
        const second = make(two, 'bob x 2', fileExists(join(folder, 'b')))
        const isOver = () => listSession(one.child.pid).length === 0
        await waitUntil('nothing of it is left, the watchdog neither', isOver, 120)
        assert.is(await second, 'ok')
        assert.is(existsSync(join(folder, 'a')), kind === 'probe')
        await two.shell.end()
        await first
      }))

  test('children that ignore SIGTERM are ended at the deadline, as a parent that heeds it', () =>
    desk(async ({ open, make }) => {
      const one = open()
      const deaf = `( trap '' TERM; sleep 600 ) >/dev/null 2>&1 &`
      const op = rawOperation({
        name: 'a',
        probe: 'echo absent',
        want: 'there\n',
        apply: `for i in 1 2 3 4 5 6 7 8; do ${deaf} done; sleep 600`,
        seconds: 1,
      })
      assert.is(await make(one, 'ann x 1', op), 'failed')
      await waitUntil('the shell alone is left', () => listSession(one.child.pid).length === 1)
      await one.shell.end()
    }))

  test('nothing is left of a shell that ends well', () =>
    desk(async ({ folder, open, make }) => {
      const one = open()
      assert.is(await make(one, 'ann x 1', fileExists(join(folder, 'a'))), 'ok')
      await one.shell.end()
      await waitUntil('no process is left', () => listSession(one.child.pid).length === 0)
    }))

  test.run()
}
