import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../lib/converge/converge.ts'
import type { Change } from '../../../lib/operation.ts'
import { sha256 } from '../../../lib/operations/file/content.ts'
import { tree } from '../../../lib/operations/tree.ts'
import { countPayloadBytes } from '../../../lib/transport/root-shell.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'
import { openShell, SHELLS } from '../../support/shells.ts'

const scratch = mkdtempSync(join(tmpdir(), 'brd-tree-'))
test.after(() => rmSync(scratch, { recursive: true, force: true }))
let made = 0
/**
 * A folder on the controller: texts are files, null is an empty folder, `-> x` a symlink to x. A
 * name that ends with `*` may be executed.
 */
const folder = (content: Readonly<Record<string, string | Buffer | null>>): URL => {
  const top = join(scratch, String(++made))
  mkdirSync(top)
  for (const [name, text] of Object.entries(content)) {
    const at = join(top, name.replace(/\*$/, ''))
    mkdirSync(text === null ? at : dirname(at), { recursive: true })
    if (typeof text === 'string' && text.startsWith('-> ')) symlinkSync(text.slice(3), at)
    else if (text !== null) writeFileSync(at, text, { mode: name.endsWith('*') ? 0o700 : 0o600 })
  }
  return pathToFileURL(`${top}/`)
}

const path = '/srv/site'
const small = folder({ 'a.txt': 'hi\n', 'bin/run*': '#!/bin/sh\n', link: '-> a.txt' })
const dir = (mode = '755', owner = 'root') => `directory|${mode}|0|0|${owner}|root|4096\n`
const file = (mode = '644', bytes = 3) => `regular file|${mode}|0|0|root|root|${bytes}\n`
const symlink = 'symbolic link|777|0|0|root|root|5\n'
const [hi, run] = [sha256('hi\n'), sha256('#!/bin/sh\n')]
const right = `${dir()}fofl\n${file()}${dir()}${file('755', 10)}${symlink}${hi}\n${run}\na.txt?\n`

plans(tree, {
  'makes what is absent': [
    'absent\n',
    { path, source: small },
    [
      '.: absent -> folder, 755 root:root',
      `a.txt: absent -> 3 bytes, sha256 ${hi.slice(0, 12)}, 644 root:root`,
      'bin: absent -> folder, 755 root:root',
      `bin/run: absent -> 10 bytes, sha256 ${run.slice(0, 12)}, 755 root:root`,
      'link: absent -> symlink to a.txt, root:root',
    ],
  ],
  'leaves what is right': [right, { path, source: small }, []],
  'removes what else is there': [
    `${right}./x\0./x/y\0./keep.log\0./.tree.brd\0`,
    { path, source: small, exact: true, exclude: ['*.log'] },
    ['x/y: there -> absent', 'x: there -> absent'],
  ],
  'puts right content, mode and target': [
    `${dir('700')}fofl\n${file()}${dir()}${file('644', 10)}${symlink}${sha256('ho\n')}\n${run}\nb.txt?\n`,
    { path, source: small },
    [
      '.: folder, 700 root:root -> folder, 755 root:root',
      `a.txt: 3 bytes, sha256 ${sha256('ho\n').slice(0, 12)}, 644 root:root -> 3 bytes, sha256 ${hi.slice(0, 12)}, 644 root:root`,
      `bin/run: 10 bytes, sha256 ${run.slice(0, 12)}, 644 root:root -> 10 bytes, sha256 ${run.slice(0, 12)}, 755 root:root`,
      'link: symlink to b.txt, root:root -> symlink to a.txt, root:root',
    ],
  ],
  'does not put a file in the place of a folder': [
    `${dir()}oofl\n${dir()}${dir()}${file('755', 10)}${symlink}${run}\na.txt?\n`,
    { path, source: small },
    /\/srv\/site\/a.txt is a directory, and a file is wanted/,
  ],
  'does not put a folder in the place of a symlink': [
    'symbolic link|777|0|0|root|root|5\n',
    { path, source: small },
    /\/srv\/site is a symlink, and a directory is wanted/,
  ],
  'does not believe what does not add up': [
    `${dir()}fofl\n${file()}${dir()}${symlink}${hi}\n${run}\na.txt?\n`,
    { path, source: small },
    /could not be read whole/,
  ],
  'does not touch names that are no text': [
    { stdout: Buffer.from(`${right}./\xff\0`, 'latin1') },
    { path, source: small, exact: true },
    /not UTF-8 text/,
  ],
  'does not take a failed probe for absent': [
    { exitCode: 74, stderr: 'cd: Permission denied' },
    { path, source: small },
    /exit 74.*Permission denied/,
  ],
  'does not take an empty answer for absent': ['', { path, source: small }, /the probe failed/],
})

test('counts what is more than a person reads', () => {
  const many = folder(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}`, ''])))
  const { diff } = tree({ path, source: many }).decide(
    makeOutput('absent\n'),
    nothingPending,
  ) as Change
  assert.equal(
    [diff.length, diff.at(-1)],
    [41, { key: '21 more', before: null, after: 'as in the source' }],
  )
})
test('sends what differs, and nothing else', () => {
  const source = folder({ big: Buffer.alloc(1 << 20), small: 'x' })
  const printed = (hash: string) =>
    `${dir()}ff\n${file('644', 1 << 20)}${file('644', 1)}${hash}\n${sha256('y')}\n`
  const { stdin } = tree({ path, source }).decide(
    makeOutput(printed(sha256(Buffer.alloc(1 << 20)))),
    nothingPending,
  ) as Change
  assert.is.not(stdin, undefined)
  assert.ok(countPayloadBytes(stdin) < 4096, `${countPayloadBytes(stdin)} bytes`)
})
test('rights alone send nothing', () => {
  const { stdin } = tree({ path, source: folder({ f: 'x' }) }).decide(
    makeOutput(`${dir()}f\n${file('600', 1)}${sha256('x')}\n`),
    nothingPending,
  ) as Change
  assert.is(stdin, undefined)
})
test('bad options are errors at once', () => {
  assert.throws(() => tree({ path, source: new URL('file:///nowhere/at/all/') }), /ENOENT/)
  assert.throws(() => tree({ path, source: new URL(import.meta.url) }), /is not a folder/)
  assert.throws(() => tree({ path: '/etc', source: small, exact: true }), /the system needs/)
  assert.throws(() => tree({ path, source: small, files: '9' }), /write it in octal/)
  assert.throws(() => tree({ path, source: small, executables: '644' }), /could not execute them/)
})
test('a file that changes on the controller after the look is not sent', () => {
  const source = folder({ f: 'one' })
  const op = tree({ path, source })
  writeFileSync(new URL('f', source), 'two')
  const plan = () => (op.decide(makeOutput('absent\n'), nothingPending) as Change).stdin
  // While the first content is still held it is that which is sent; afterwards it is an error.
  // Never the second.
  try {
    assert.not.match(Buffer.concat(plan() as Buffer[]).toString(), 'two')
  } catch (error) {
    assert.match(String(error), /was changed on the controller/)
  }
})

/** All below a folder, as `path mode content`. */
const seen = (top: string, below = ''): string[] =>
  readdirSync(join(top, below))
    .sort()
    .flatMap(name => {
      const inner = join(below, name)
      const stat = lstatSync(join(top, inner))
      const mode = (stat.mode & 0o7777).toString(8)
      if (stat.isSymbolicLink()) return [`${inner} -> ${readlinkSync(join(top, inner))}`]
      return stat.isDirectory()
        ? [`${inner}/ ${mode}`, ...seen(top, inner)]
        : [`${inner} ${mode} ${readFileSync(join(top, inner), 'utf8')}`]
    })
const at = (folder: string) => `${folder}/srv/site` as `/${string}`
const shows = (expected: readonly string[]) => (folder: string) =>
  assert.equal(seen(at(folder)), expected)

const odd = folder({
  'it\'s $1 `x`\n\\n/- "q" *?[a]': 'odd',
  '-rf': 'x',
  ' ': 'y',
  'ü/ö': '-> ü $HOME',
  empty: null,
  [`${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(90)}`]: 'long',
  lnk: `-> ${'x'.repeat(150)}`,
})
const oddSeen = [
  '  644 y',
  '-rf 644 x',
  `${'d'.repeat(90)}/ 755`,
  `${'d'.repeat(90)}/${'e'.repeat(90)}/ 755`,
  `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(90)} 644 long`,
  'empty/ 755',
  "it's $1 `x`\n\\n/ 755",
  'it\'s $1 `x`\n\\n/- "q" *?[a] 644 odd',
  `lnk -> ${'x'.repeat(150)}`,
  'ü/ 755',
  'ü/ö -> ü $HOME',
]
settles(
  'a tree in a folder that hands on its set-id bit',
  folder => tree({ path: `${folder}/shared/tree`, source: odd }),
  {
    before: folder => {
      mkdirSync(`${folder}/shared`)
      chmodSync(`${folder}/shared`, 0o2775)
    },
    after: folder => assert.is(statSync(`${folder}/shared/tree`).mode & 0o7777, 0o755),
  },
)
settles('a new tree with odd and long names', folder => tree({ path: at(folder), source: odd }), {
  after: shows(oddSeen),
})
settles(
  'files, folders and links that differ',
  folder => tree({ path: at(folder), source: small, directories: '750', files: '640' }),
  {
    before: folder => {
      mkdirSync(`${at(folder)}/bin`, { recursive: true, mode: 0o700 })
      writeFileSync(`${at(folder)}/a.txt`, 'other')
      writeFileSync(`${at(folder)}/bin/run`, '#!/bin/sh\n', { mode: 0o600 })
      writeFileSync(`${at(folder)}/link`, 'no link')
      writeFileSync(`${at(folder)}/other`, 'left alone', { mode: 0o604 })
    },
    after: shows([
      'a.txt 640 hi\n',
      'bin/ 750',
      'bin/run 755 #!/bin/sh\n',
      'link -> a.txt',
      'other 604 left alone',
    ]),
  },
)
settles(
  'symlinks in the place of files, also to folders',
  folder => tree({ path: at(folder), source: folder2 }),
  {
    before: folder => {
      mkdirSync(at(folder), { recursive: true })
      mkdirSync(`${folder}/real`)
      symlinkSync('../../real', `${at(folder)}/f`)
      symlinkSync('nowhere\nat all', `${at(folder)}/g`)
    },
    after: folder => {
      shows(['f 644 1', 'g -> f'])(folder)
      assert.equal(readdirSync(`${folder}/real`), [])
    },
  },
)
const folder2 = folder({ f: '1', g: '-> f' })
settles(
  'an exact tree',
  folder => tree({ path: at(folder), source: small, exact: true, exclude: ['*.log', 'cache'] }),
  {
    before: folder => {
      for (const name of ['old/deep', 'cache/x', '.tree.brd/t'])
        mkdirSync(`${at(folder)}/${name}`, { recursive: true })
      for (const name of ['old/deep/f\n', 'old/x.log2', 'cache/f', 'a.log', '.hidden'])
        writeFileSync(`${at(folder)}/${name}`, '')
      symlinkSync('/etc', `${at(folder)}/old/etc`)
    },
    after: folder => {
      assert.equal(readdirSync(at(folder)).sort(), ['a.log', 'a.txt', 'bin', 'cache', 'link'])
      assert.ok(statSync('/etc/passwd').isFile())
    },
  },
)
settles(
  'an owner and a group',
  folder => tree({ path: at(folder), source: small, owner: 'nobody', group: 65534 }),
  {
    before: folder => mkdirSync(at(folder), { recursive: true }),
    after: folder => {
      for (const name of ['', 'a.txt', 'bin', 'bin/run', 'link'])
        assert.is(lstatSync(`${at(folder)}/${name}`).uid, 65534, name)
      assert.is(statSync(dirname(at(folder))).uid, 0)
    },
  },
)
settles(
  'what is excluded is not sent',
  folder => tree({ path: at(folder), source: withLogs, exclude: ['*.log', 'a/b/**', 'c'] }),
  {
    after: shows(['a/ 755', 'f 644 ']),
  },
)
const withLogs = folder({ f: '', 'x.log': '', 'a/y.log': '', 'a/b/z': '', 'a/c/z': '' })
settles(
  'a tree into which a killed run left half',
  folder => tree({ path: at(folder), source: small }),
  {
    before: folder => {
      mkdirSync(`${at(folder)}/.tree.brd/t`, { recursive: true })
      writeFileSync(`${at(folder)}/.tree.brd/t/a.txt`, 'half')
      chmodSync(at(folder), 0o755)
    },
    after: shows(['a.txt 644 hi\n', 'bin/ 755', 'bin/run 755 #!/bin/sh\n', 'link -> a.txt']),
  },
)
refuses(
  'a folder in the place of a file',
  folder => tree({ path: at(folder), source: small }),
  /a.txt is a directory, and a file is wanted/,
  {
    before: folder => mkdirSync(`${at(folder)}/a.txt`, { recursive: true }),
    after: folder => assert.equal(readdirSync(at(folder)), ['a.txt']),
  },
)

for (const name of SHELLS)
  test(`a thousand right files: one round trip; a wrong one is sent alone: ${name}`, async () => {
    const to = mkdtempSync(join(scratch, 'to-'))
    const { shell } = openShell(name)
    const op = () => tree({ path: `${to}/site` as `/${string}`, source: thousand, exact: true })
    const once = () => converge([op()], { host: 'here', shell: async () => shell })
    try {
      assert.equal((await once()).result, 'ok')
      assert.is(readdirSync(`${to}/site/d7`).length, 50)
      const again = await once()
      assert.equal([again.trips, again.outcomes[0]?.is], [1, 'ok'])
      writeFileSync(`${to}/site/d7/f3`, 'spoilt')
      const healed = await once()
      assert.equal(
        [healed.trips, healed.outcomes[0]],
        [
          2,
          {
            is: 'changed',
            foreseen: true,
            diff: [
              {
                key: 'd7/f3',
                before: `6 bytes, sha256 ${sha256('spoilt').slice(0, 12)}, 644 root:root`,
                after: `13 bytes, sha256 ${sha256('content 7/3\n\n').slice(0, 12)}, 644 root:root`,
              },
            ],
          },
        ],
      )
    } finally {
      await shell.end()
    }
  })
const thousand = folder(
  Object.fromEntries(
    Array.from({ length: 20 }, (_, d) =>
      Array.from({ length: 50 }, (_, f) => [`d${d}/f${f}`, `content ${d}/${f}\n\n`] as const),
    ).flat(),
  ),
)

test.run()
