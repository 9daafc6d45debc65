import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { playsOnce } from '../../../lib/run/one-play.ts'

const begin = "const run = await playbook(import.meta, { about: 'x' })\n"
const play = 'await run.play(run.hosts("all"), () => [])\n'

const rows: Record<string, [source: string, once: boolean]> = {
  'one play': [begin + play, true],
  'one whose result is used': [`${begin}const { ok } = ${play}`, true],
  'one, and other uses of the run': [`${begin}run.note('x')\n${play}`, true],
  'one, named in a comment': [`/** run.play(…) */\n${begin}${play}// run.play(`, true],
  'one, and the word in a text': [`${begin}const dir = '/run/x'\n${play}`, true],
  'two plays': [begin + play + play, false],
  'one in a loop': [`${begin}for (const x of y)\n  ${play}`, false],
  'one, and the run is given away': [`${begin}${play}await deploy(run)\n`, false],
  'one in a function': [`${begin}const f = async () => {\n  ${play}}\nf()\nf()\n`, false],
  'one, and the word in double quotes': [`${begin}const dir = "it\\'s \\"run\\""\n${play}`, true],
  'one, and comments of every kind': [
    `/* run\n * run\n */\n${begin}  // run\n${play}  /** run */\n`,
    true,
  ],
  'a division is no comment': [`${begin}${play}x(a / b, run)\nx(a * run)\n`, false],
  'code before a comment': [`${begin}${play}deploy(run) // the rest\n`, false],
  'a text ends at its line': [`${begin}${play}it's(run)\nit's()\n`, false],
  'a run that is made in a block': [`if (x) {\n  ${begin}}\n${play}`, false],
  none: [`${begin}await bootstrap(run)\n`, false],
  'a run of another name': [begin.replace('run', 'it') + play, false],
}
for (const [name, [source, once]] of Object.entries(rows))
  test(name, () => assert.is(playsOnce(source), once))

test.run()
