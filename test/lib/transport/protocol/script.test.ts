import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sh } from '../../../../lib/sh.ts'
import { computeChangeDeadline, renderRound } from '../../../../lib/transport/protocol/script.ts'
import { openShell, SHELLS } from '../../../support/shells.ts'

const deadlines = suite('deadlines')
deadlines(
  'a large payload lengthens the deadline of its change, as a line of 1 Mbit/s needs',
  () => {
    const change = { diff: [], apply: sh`cat` }
    assert.equal(
      [
        change,
        { ...change, seconds: 5 },
        { ...change, stdin: 'x'.repeat(1000) },
        { ...change, stdin: Buffer.alloc(100_000_000) },
      ].map(computeChangeDeadline),
      [60, 5, 60, 860],
    )
  },
)
deadlines.run()

for (const name of SHELLS) {
  const test = suite(`script in ${name}`)

  /**
   * Sends so much of a round that makes a file, and then the link is lost. Tells whether the file
   * was made.
   */
  const made = async (part: (script: string) => string): Promise<boolean> => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-script-'))
    const { child } = openShell(name)
    const { script } = renderRound({
      nonce: 'n',
      round: 1,
      lease: null,
      steps: [{ change: { id: 0, change: { diff: [], apply: sh`: >${folder}/made` } } }],
      probes: [{ id: 0, probe: sh`echo there`, seconds: 5 }],
    })
    child.stdin?.end(`round ${Buffer.byteLength(script)}\n${part(script)}`)
    await once(child, 'close')
    const was = existsSync(`${folder}/made`)
    rmSync(folder, { recursive: true })
    return was
  }

  test('a round that came whole is run', async () => assert.ok(await made(script => script)))

  test('a round that was cut off is not begun', async () => {
    const upTo = (what: RegExp, more: number) => (script: string) =>
      script.slice(0, script.search(what) + more)
    assert.not(await made(upTo(/\n_emit p0/, 1)), 'after its changes')
    assert.not(await made(upTo(/\nkill -KILL \$dog/, 1)), 'before its end')
  })

  test.run()
}
