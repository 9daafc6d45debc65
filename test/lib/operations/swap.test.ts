import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Path } from '../../../lib/operations/file/entry.ts'
import { swap } from '../../../lib/operations/swap.ts'
import { plans, refuses, settles } from '../../support/operations.ts'

const line = '/swapfile none swap sw 0 0'
const file = (mebi = 2048, mode = '600') => `regular file|${mode}|0|0|root|root|${mebi * 2 ** 20}\n`

plans(swap, {
  'makes what is absent': [
    'end\nabsent\noff\n',
    { size: '2G' },
    [
      'size: absent -> 2048 MiB',
      'mode: absent -> 600',
      'owner: absent -> 0',
      'on: absent -> on',
      `fstab: absent -> ${line}`,
    ],
  ],
  'leaves what is right': [`${line}\nend\n${file()}on\n`, { size: 2048 }, []],
  'makes anew what is of another size': [
    `${line}\nend\n${file(1024)}on\n`,
    { size: '2G' },
    ['size: 1024 MiB -> 2048 MiB'],
  ],
  'puts right the mode': [
    `${line}\nend\n${file(2048, '644')}on\n`,
    { size: '2G' },
    ['mode: 644 -> 600'],
  ],
  'swaps to what is there': [`${line}\nend\n${file()}off\n`, { size: '2G' }, ['on: absent -> on']],
  'keeps what is not kept': [`end\n${file()}on\n`, { size: '2G' }, [`fstab: absent -> ${line}`]],
  removes: [
    `${line}\nend\n${file()}on\n`,
    { state: 'absent' },
    ['size: 2048 MiB -> absent', 'on: on -> absent', `fstab: ${line} -> absent`],
  ],
  'leaves what is absent': ['end\nabsent\noff\n', { state: 'absent' }, []],
  'does not put a file in the place of a folder': [
    'end\ndirectory|755|0|0|root|root|1\noff\n',
    { size: 1 },
    /is a directory/,
  ],
  'does not take half an answer for off': ['end\nabsent\n', { size: 1 }, /the probe failed/],
  'a failed probe is unknown': [
    { exitCode: 1, stderr: 'swapon: not found' },
    { size: 1 },
    /swapon: not found/,
  ],
})
test('bad sizes are errors at once', () => {
  assert.throws(() => swap({ size: 0 }), /size: 0 is not possible/)
  assert.throws(() => swap({ size: '0M' }), /not a size/)
  assert.throws(() => swap({ size: '1.5G' as '1G' }), /not a size/)
})

/** A kernel whose swap areas are a file: a test adds none to the real one. */
const tools = {
  mkswap: 'echo mkswap >>"$FOLDER/log"; printf made | dd of="$1" conv=notrunc 2>/dev/null',
  swapon:
    'case $1 in --show*) cat "$FOLDER/on" 2>/dev/null || :;; *) grep -q "^made" "$1" || { echo "read swap header failed" >&2; exit 1; }; echo "$1" >>"$FOLDER/on"; echo on >>"$FOLDER/log";; esac',
  swapoff: 'echo off >>"$FOLDER/log"; : >"$FOLDER/on"',
}
const of = (folder: Path) => ({ path: `${folder}/swap`, fstab: `${folder}/fstab` }) as const
const log = (folder: Path) => readFileSync(`${folder}/log`, 'utf8').trim().split('\n').join(' ')

settles('a swap file', folder => swap({ ...of(folder), size: 2 }), {
  tools,
  before: folder => writeFileSync(`${folder}/fstab`, 'UUID=1 none swap sw 0 0\n'),
  after: folder => {
    assert.equal(
      [statSync(`${folder}/swap`).size, statSync(`${folder}/swap`).mode & 0o777],
      [2 * 2 ** 20, 0o600],
    )
    assert.is(
      readFileSync(`${folder}/fstab`, 'utf8'),
      `UUID=1 none swap sw 0 0\n${folder}/swap none swap sw 0 0\n`,
    )
    assert.is(log(folder), 'mkswap on')
    assert.equal(
      readdirSync(folder).filter(name => name.startsWith('.')),
      [],
    )
  },
})
settles('a larger one', folder => swap({ ...of(folder), size: '3M' }), {
  tools,
  before: folder => {
    writeFileSync(`${folder}/swap`, Buffer.alloc(2 ** 20))
    writeFileSync(`${folder}/on`, `${folder}/swap\n`)
  },
  after: folder =>
    assert.equal([log(folder), statSync(`${folder}/swap`).size], ['off mkswap on', 3 * 2 ** 20]),
})
settles(
  'one that was never prepared, and is everybody’s',
  folder => swap({ ...of(folder), size: 1 }),
  {
    tools,
    before: folder => {
      writeFileSync(`${folder}/swap`, Buffer.alloc(2 ** 20))
      chmodSync(`${folder}/swap`, 0o644)
    },
    after: folder =>
      assert.equal([log(folder), statSync(`${folder}/swap`).mode & 0o777], ['mkswap on', 0o600]),
  },
)
settles('none', folder => swap({ ...of(folder), state: 'absent' }), {
  tools,
  before: folder => {
    writeFileSync(`${folder}/swap`, '')
    writeFileSync(`${folder}/on`, `${folder}/swap\n`)
    writeFileSync(`${folder}/fstab`, `${folder}/swap none swap sw 0 0\n# end\n`)
  },
  after: folder => {
    assert.not(existsSync(`${folder}/swap`))
    assert.equal([log(folder), readFileSync(`${folder}/fstab`, 'utf8')], ['off', '# end\n'])
  },
})
refuses('a folder in its place', folder => swap({ ...of(folder), size: 1 }), /is a directory/, {
  tools,
  before: folder => mkdirSync(`${folder}/swap`),
})

test.run()
