import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Path } from '../../../lib/operations/file/entry.ts'
import { kernelModule } from '../../../lib/operations/kernelModule.ts'
import { plans, refuses, settles } from '../../support/operations.ts'

const name = 'br-netfilter'
const loading = (want: Parameters<typeof kernelModule>[0]) =>
  kernelModule(want).find(({ kind }) => kind === 'kernelModule')!

plans(loading, {
  'loads what is absent': ['absent\n', { name }, ['module: absent -> loaded']],
  'leaves what is loaded': ['loaded\n', { name }, []],
  unloads: ['loaded\n', { name, state: 'absent' }, ['module: loaded -> absent']],
  'leaves what is not loaded': ['absent\n', { name, state: 'absent' }, []],
  'a failed probe is unknown': [
    { exitCode: 1, stderr: 'lsmod: not found' },
    { name },
    /lsmod: not found/,
  ],
  'an empty answer is unknown': ['', { name }, /the probe failed/],
})
test('bad options are errors at once', () => {
  assert.throws(() => kernelModule({ name: '-r x' }), /not a module's name/)
  assert.throws(() => kernelModule({ name, params: 'a\nb' }), /one line/)
})

/** A kernel whose modules are a file: a test loads none into the real one. */
const tools = {
  lsmod: 'echo "Module Size Used by"; cat "$FOLDER/loaded" 2>/dev/null || :',
  modprobe:
    'echo "$@" >>"$FOLDER/log"; case $1 in -r) : >"$FOLDER/loaded";; nothing) echo "modprobe: FATAL: Module nothing not found" >&2; exit 1;; *) echo "brd_test 1 0" >>"$FOLDER/loaded";; esac',
}
const folders = (folder: Path) => {
  for (const one of ['modules-load.d', 'modprobe.d']) mkdirSync(`${folder}/${one}`)
}
const read = (path: string) => readFileSync(path, 'utf8')

settles(
  'a module with params',
  folder => kernelModule({ name: 'brd-test', params: 'n=2', folder }),
  {
    tools,
    before: folders,
    after: folder => {
      assert.is(read(`${folder}/log`), 'brd-test\n')
      assert.equal(
        [
          read(`${folder}/modules-load.d/brd-brd-test.conf`),
          read(`${folder}/modprobe.d/brd-brd-test.conf`),
        ],
        ['brd-test\n', 'options brd-test n=2\n'],
      )
    },
  },
)
settles('a module less', folder => kernelModule({ name: 'brd-test', state: 'absent', folder }), {
  tools,
  before: folder => {
    folders(folder)
    writeFileSync(`${folder}/loaded`, 'brd_test 1 0\n')
    writeFileSync(`${folder}/modules-load.d/brd-brd-test.conf`, 'brd-test\n')
  },
  after: folder => {
    assert.is(read(`${folder}/log`), '-r brd-test\n')
    assert.not(existsSync(`${folder}/modules-load.d/brd-brd-test.conf`))
  },
})
for (const [title, file, text] of [
  ['a deny-list', 'modprobe.d/aaa.conf', 'blacklist brd_test\n'],
  ['a command in its place', 'modprobe.d/aaa.conf', 'install brd-test /bin/false\n'],
  ['another value of its parameter', 'modprobe.d/zzz.conf', 'options brd_test m=1 n=3\n'],
] as const)
  refuses(
    `${title} that keeps it from being so after a boot`,
    folder => kernelModule({ name: 'brd-test', params: 'n=2', folder }),
    new RegExp(`after a boot it would not hold: .* in \\S*/${file}`),
    {
      tools,
      before: folder => {
        folders(folder)
        writeFileSync(`${folder}/${file}`, text)
      },
    },
  )
refuses(
  'a module that another file loads at boot',
  folder => kernelModule({ name: 'brd-test', state: 'absent', folder }),
  /it is loaded by \S*\/modules-load.d\/x.conf/,
  {
    tools,
    before: folder => {
      folders(folder)
      writeFileSync(`${folder}/modules-load.d/x.conf`, '# y\nbrd_test\n')
    },
  },
)
settles(
  'files about other modules do not matter',
  folder => kernelModule({ name: 'brd-test', params: 'n=2', folder }),
  {
    tools,
    before: folder => {
      folders(folder)
      writeFileSync(`${folder}/modprobe.d/a.conf`, '# blacklist brd_test\nblacklist brd_test2\n')
      writeFileSync(`${folder}/modprobe.d/z.conf`, 'options brd_test m=1\n')
    },
  },
)
refuses(
  'a module that the kernel has not',
  folder => kernelModule({ name: 'nothing', folder }),
  /Module nothing not found/,
  {
    tools,
    before: folders,
  },
)

test.run()
