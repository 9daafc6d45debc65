import { PassThrough } from 'node:stream'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Frame, readFrames } from '../../../../lib/transport/protocol/frames.ts'
import { LiveParts } from '../../../../lib/transport/protocol/live-output.ts'
import { Shell } from '../../../../lib/transport/root-shell.ts'

/** The frames of what a host sends, whose round has the nonce `n`. */
const read = async (sent: string): Promise<Frame[]> => {
  const stdout = new PassThrough()
  const exit = new Promise<never>(() => {})
  const shell = new Shell({
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    exit,
    close: () => {},
  })
  stdout.end(sent)
  const frames: Frame[] = []
  for await (const frame of readFrames(shell, 'n')) frames.push(frame)
  return frames
}
const fails = async (sent: string, message: RegExp): Promise<void> => {
  const error = await read(sent).catch((thrown: unknown) => thrown)
  assert.instance(error, Error)
  assert.match((error as Error).message, message)
}
const data = (tail: string): string =>
  `data p0\n 0\n2 0.p0.o\n0 0.p0.e\n0 /dev/null\n2 total\nhi${tail}`

test('what is handed over ends with the nonce of its round, or nothing is taken', async () => {
  assert.equal(await read(`${data('\nwhole n\n')}end\n`), [
    {
      type: 'probed',
      id: 0,
      output: { exitCode: 0, stdout: Buffer.from('hi'), stderr: '' },
    },
  ])
  for (const tail of ['\nwhole x\n', '!\nwhole n\n', '\n!\nwhole n\n', '\nend\n'])
    await fails(`${data(tail)}end\n`, /other bytes than it counted/)
})

test('the same holds for what a change printed', async () => {
  const [frame] = await read('said 3 7 2 4\nhioops\nwhole n\nend\n')
  assert.equal(frame, {
    type: 'changed',
    id: 3,
    output: { exitCode: 7, stdout: Buffer.from('hi'), stderr: 'oops' },
  })
  await fails('said 3 7 2 4\nhioops\nwhole x\nend\n', /other bytes than it counted/)
})

test('an answer that is not whole says why', async () => {
  const cuts = (await read('said 0 0l 0\n\nwhole n\nfull p1 p2\n 3 4f\nend\n')).map(frame =>
    frame.type === 'changed' || frame.type === 'probed'
      ? [frame.output.exitCode, frame.output.cut?.split(':')[0]]
      : [],
  )
  assert.equal(cuts, [
    [0, 'it printed more than 32 MiB, of which the end was kept at most'],
    [3, 'the host has no room for what it printed'],
    [4, 'the host has no room for what it printed'],
  ])
})

test('a frame that is not ours is an error', () => fails('hello\n', /a frame that is not ours/))

test('parts of a running change come whole from any pieces; all else is noise', () => {
  const sent = Buffer.from('sudo\n\n=out n 1\nca\n\n=end n\n more\n=out n 2\n=end x\n\n=end n\n!')
  for (const size of [1, 3, 7, sent.length]) {
    const live = new LiveParts()
    const printed: string[] = []
    let noise = ''
    for (let at = 0; at < sent.length; at += size)
      noise += live.take(sent.subarray(at, at + size), (nonce, id, bytes) =>
        printed.push(`${nonce} ${id} ${bytes}`),
      )
    assert.equal(printed, ['n 1 ca\n', 'n 2 =end x\n'], `in pieces of ${size}`)
    assert.is(noise, 'sudo\n more!')
  }
})

test.run()
