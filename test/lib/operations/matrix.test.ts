import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConvergeResult, converge } from '../../../lib/converge/converge.ts'
import type { Operation } from '../../../lib/operation.ts'
import { archive } from '../../../lib/operations/archive.ts'
import { block } from '../../../lib/operations/block.ts'
import { directory } from '../../../lib/operations/directory.ts'
import { download } from '../../../lib/operations/download.ts'
import { sha256 } from '../../../lib/operations/file/content.ts'
import type { Path } from '../../../lib/operations/file/entry.ts'
import { file } from '../../../lib/operations/file.ts'
import { ini } from '../../../lib/operations/ini.ts'
import { json } from '../../../lib/operations/json.ts'
import { line } from '../../../lib/operations/line.ts'
import { link } from '../../../lib/operations/link.ts'
import { permissions } from '../../../lib/operations/permissions.ts'
import { replace } from '../../../lib/operations/replace.ts'
import { template } from '../../../lib/operations/template.ts'
import { tree } from '../../../lib/operations/tree.ts'
import { yaml } from '../../../lib/operations/yaml.ts'
import { skip } from '../../../scripts/test/skip.ts'
import { openShell, SHELLS } from '../../support/shells.ts'
import { takeSnapshot } from '../../support/snapshot.ts'

/** What may be in the place that an operation owns, before it runs. */
const STATES = [
  'absent',
  'correct',
  'other content',
  'other mode',
  'other type',
  'symlink',
] as const
type State = (typeof STATES)[number]
/**
 * Run 1 changes it; there is nothing to do; it is refused with these words; or (null) there is no
 * such state.
 */
type Expected = 'changes' | 'is right' | RegExp | null

type Row = {
  readonly make: (path: Path) => Operation
  /** Makes the state that the operation wants. */
  readonly right: (path: Path) => void
  /** Makes another content of it. */
  readonly spoil: (path: Path) => void
  /** What is wanted is a folder: then another type is a file. */
  readonly folder?: true
  readonly expected: Readonly<Record<State, Expected>>
}

const scratch = mkdtempSync(join(tmpdir(), 'brd-matrix-'))
const url = (name: string) => pathToFileURL(join(scratch, name))
mkdirSync(join(scratch, 'source/in'), { recursive: true })
writeFileSync(join(scratch, 'source/in/f'), 'right\n', { mode: 0o644 })
symlinkSync('in/f', join(scratch, 'source/l'))
writeFileSync(join(scratch, 't.eta'), '<%= it.word %>\n')
execFileSync('tar', [
  '-c',
  '-z',
  '-f',
  join(scratch, 'a.tgz'),
  '-C',
  join(scratch, 'source'),
  'in',
  'l',
])
const server = createServer((_, res) => res.end('right\n'))
let address: `http://${string}` = 'http://127.0.0.1'
test.before(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/f`
})
test.after(() => {
  server.closeAllConnections()
  server.close()
  rmSync(scratch, { recursive: true, force: true })
})

const write = (content: string) => (path: Path) => {
  writeFileSync(path, content)
  chmodSync(path, 0o644)
}
const folder = (path: Path) => {
  mkdirSync(path)
  chmodSync(path, 0o755)
}
/** The tree and the archive as they should be. */
const unpacked = (path: Path) => {
  folder(path)
  folder(`${path}/in`)
  write('right\n')(`${path}/in/f`)
  symlinkSync('in/f', `${path}/l`)
}
const stamped = (path: Path) => {
  unpacked(path)
  write(`${sha256(readFileSync(url('a.tgz')))} 0\n./in\n./in/f\n./l\n`)(
    `${path}/.archive.archive.brd`,
  )
}

/** A file that is owned whole. */
const whole = { right: write('right\n'), spoil: write('wrong\n') } as const
const replaces = {
  absent: 'changes',
  correct: 'is right',
  'other content': 'changes',
  'other mode': 'changes',
  'other type': /is a directory, and a file is wanted/,
  symlink: 'changes',
} as const
/**
 * A part of a file that is there: its mode is not the operation's business, and a symlink is
 * followed.
 */
const edits = {
  absent: /no such file/,
  correct: 'is right',
  'other content': 'changes',
  'other mode': 'is right',
  'other type': /no such file/,
  symlink: 'changes',
} as const
const part = (right: string, wrong: string) => ({
  right: write(right),
  spoil: write(wrong),
  expected: edits,
})

const matrix: Readonly<Record<string, Row>> = {
  file: { make: path => file({ path, content: 'right\n' }), ...whole, expected: replaces },
  template: {
    make: path => template({ path, source: url('t.eta'), data: { word: 'right' } }),
    ...whole,
    expected: replaces,
  },
  download: {
    make: path => download({ path, url: address, sha256: sha256('right\n') }),
    ...whole,
    expected: replaces,
  },
  line: {
    make: path => line({ path, key: 'k', value: 'right' }),
    ...part('a\nk=right\n\xff\n', 'a\nk=wrong\n\xff\n'),
  },
  block: {
    make: path => block({ path, name: 'b', content: 'right\n' }),
    ...part(
      'a\n# BEGIN b (managed)\nright\n# END b (managed)\nz\xff\n',
      'a\n# BEGIN b (managed)\nwrong\n# END b (managed)\nz\xff\n',
    ),
  },
  ini: {
    make: path => ini({ path, section: 's', key: 'k', value: 'right' }),
    ...part('[s]\nk = right\n; \xff\n', '[s]\nk = wrong\n; \xff\n'),
  },
  json: {
    make: path => json({ path, values: { k: 'right' } }),
    ...part('{\n  "k": "right" // ü\n}\n', '{\n  "k": "wrong" // ü\n}\n'),
  },
  yaml: {
    make: path => yaml({ path, values: { k: 'right' } }),
    ...part('# ü\nk: right\n', '# ü\nk: wrong\n'),
  },
  replace: {
    make: path => replace({ path, pattern: /wrong/, with: 'right' }),
    ...part('ü right\n', 'ü wrong\n'),
  },
  link: {
    make: path => link({ path, target: 'right\\n' }),
    right: path => symlinkSync('right\\n', path),
    spoil: path => {
      rmSync(path)
      symlinkSync('wrong', path)
    },
    expected: {
      absent: 'changes',
      correct: 'is right',
      'other content': 'changes',
      'other mode': null,
      'other type': /is a directory, and a symlink is wanted/,
      symlink: 'changes',
    },
  },
  'file, absent': {
    make: path => file({ path, state: 'absent' }),
    right: () => {},
    spoil: write('there'),
    expected: {
      absent: 'is right',
      correct: 'is right',
      'other content': 'changes',
      'other mode': null,
      'other type': /is a directory: directory\(\{ path, state: 'absent' \}\) removes it/,
      symlink: 'changes',
    },
  },
  directory: {
    make: path => directory({ path }),
    right: folder,
    spoil: path => write('left alone')(`${path}/f`),
    folder: true,
    expected: {
      absent: 'changes',
      correct: 'is right',
      'other content': 'is right',
      'other mode': 'changes',
      'other type': /is a file, and a folder is wanted/,
      symlink: /is a symlink, and a folder is wanted/,
    },
  },
  tree: {
    make: path => tree({ path, source: url('source/'), exact: true }),
    right: unpacked,
    spoil: path => {
      write('wrong\n')(`${path}/in/f`)
      write('one more')(`${path}/in/g`)
    },
    folder: true,
    expected: {
      absent: 'changes',
      correct: 'is right',
      'other content': 'changes',
      'other mode': 'changes',
      'other type': /is a file, and a directory is wanted/,
      symlink: /is a symlink, and a directory is wanted/,
    },
  },
  archive: {
    make: path => archive({ path, source: url('a.tgz') }),
    right: stamped,
    spoil: path => {
      write(`${sha256('wrong')} 0\n`)(`${path}/.archive.archive.brd`)
      write('wrong\n')(`${path}/in/f`)
    },
    folder: true,
    expected: {
      absent: 'changes',
      correct: 'is right',
      'other content': 'changes',
      'other mode': 'is right',
      'other type': /is a file, and a folder is wanted/,
      symlink: /is a symlink, and a folder is wanted/,
    },
  },
  permissions: {
    make: path => permissions({ path, owner: 0, group: 0, files: '644', directories: '755' }),
    right: unpacked,
    spoil: path => write('left alone')(`${path}/in/g`),
    folder: true,
    expected: {
      absent: /no such file or folder/,
      correct: 'is right',
      'other content': 'is right',
      'other mode': 'changes',
      'other type': 'is right',
      symlink: /is a symlink: it is not followed/,
    },
  },
}

/** Puts a state into a folder: at `it`, and for a symlink what it points at in `elsewhere`. */
const prepare = (
  { right, spoil, folder: wantsFolder }: Row,
  state: State,
  folder: string,
): void => {
  const path = `${folder}/it` as Path
  const elsewhere = `${folder}/elsewhere` as Path
  if (state === 'correct' || state === 'other content' || state === 'other mode') right(path)
  if (state === 'other content') spoil(path)
  if (state === 'other mode') chmodSync(path, 0o700)
  if (state === 'other type' && wantsFolder) write('a file')(path)
  else if (state === 'other type') mkdirSync(path)
  if (state !== 'symlink') return
  right(elsewhere)
  if (lstatSync(elsewhere, { throwIfNoEntry: false })) spoil(elsewhere)
  symlinkSync('elsewhere', path)
}

const states = (row: Row, wanted: (expected: Expected) => boolean): State[] =>
  STATES.filter(state => wanted(row.expected[state]))
const what = ({ outcomes, error }: ConvergeResult) =>
  outcomes.map(outcome => (outcome.is === 'failed' ? error?.message : outcome))

for (const name of SHELLS) {
  /**
   * A run of operations in that shell. The folder has a name that a careless shell would fall over.
   */
  const inShell = async (
    body: (
      top: string,
      run: (ops: readonly Operation[], check?: boolean) => Promise<ConvergeResult>,
    ) => Promise<void>,
  ) => {
    const top = mkdtempSync(join(tmpdir(), 'brd it\'s a $HOME `x` \\n "*?[a]" -'))
    const { shell } = openShell(name)
    try {
      await body(top, (ops, check = false) =>
        converge(ops, { host: 'here', shell: async () => shell, check }),
      )
    } finally {
      await shell.end()
      rmSync(top, { recursive: true, force: true })
    }
  }

  for (const [kind, row] of Object.entries(matrix)) {
    test(`${kind} in ${name}: check only foretells, run 1 does just that, run 2 nothing`, () =>
      inShell(async (top, run) => {
        const settling = states(row, expected => expected === 'changes' || expected === 'is right')
        for (const state of settling) {
          mkdirSync(join(top, state))
          prepare(row, state, join(top, state))
        }
        const ops = settling.map(state => row.make(`${join(top, state)}/it` as Path))
        const before = takeSnapshot(top)
        const foretold = await run(ops, true)
        assert.equal(takeSnapshot(top), before, 'check mode touched something')
        assert.equal(
          foretold.outcomes.map(({ is }) => is),
          settling.map(state => (row.expected[state] === 'changes' ? 'would-change' : 'ok')),
          JSON.stringify(what(foretold)),
        )
        const first = await run(ops)
        assert.is(first.result, 'ok', JSON.stringify(first.error))
        assert.equal(
          first.outcomes.map(outcome =>
            outcome.is === 'changed' ? { is: 'would-change', diff: outcome.diff } : outcome,
          ),
          foretold.outcomes,
        )
        const between = takeSnapshot(top)
        untouched(row, settling, before, between)
        const second = await run(ops)
        assert.equal(
          [second.result, second.trips, ...second.outcomes.map(({ is }) => is)],
          ['ok', 1, ...settling.map(() => 'ok')],
        )
        assert.equal(takeSnapshot(top), between, 'the second run touched something')
        for (const state of settling) ended(row, state, join(top, state))
      }))

    for (const state of states(row, expected => expected instanceof RegExp))
      test(`${kind} in ${name}: ${state} is refused, and stays`, () =>
        inShell(async (top, run) => {
          prepare(row, state, top)
          const before = takeSnapshot(top)
          for (const check of [true, false]) {
            const { result, error } = await run([row.make(`${top}/it` as Path)], check)
            assert.is(result, 'failed')
            assert.match(error?.message ?? '', row.expected[state] as RegExp)
            assert.equal(takeSnapshot(top), before)
          }
        }))

    test(`${kind} in ${name}: what may not be written stays, and that is said`, () =>
      inShell(async (top, run) => {
        mount(top, 'size=1m')
        try {
          const state: State =
            row.expected['other content'] === 'changes'
              ? 'other content'
              : row.expected['other mode'] === 'changes'
                ? 'other mode'
                : 'absent'
          prepare(row, state, top)
          execFileSync('mount', ['-o', 'remount,ro', top])
          const before = takeSnapshot(top)
          const op = row.make(`${top}/it` as Path)
          assert.is((await run([op], true)).outcomes[0]?.is, 'would-change')
          const { result, error } = await run([op])
          assert.equal([result, takeSnapshot(top)], ['failed', before])
          assert.match(`${error?.message} ${error?.stderr}`, /[Rr]ead-only file system/)
        } finally {
          execFileSync('umount', [top])
        }
      }))
  }
}

/** What is right before is not touched at all, not even rewritten with the same content. */
const untouched = (
  row: Row,
  settling: readonly State[],
  before: readonly string[],
  after: readonly string[],
): void => {
  for (const state of settling) {
    if (row.expected[state] !== 'is right') continue
    const of = (lines: readonly string[]) =>
      lines.filter(line => line.startsWith(`/${state}/`) || line.startsWith(`/${state} `))
    assert.equal(of(after), of(before), `${state} was touched`)
  }
}

/**
 * It is as one that was right from the start; an edit has kept the symlink and reached what is
 * behind it, all else has left that alone.
 */
const ended = (row: Row, state: State, folder: string): void => {
  const edit = row.expected === edits
  if (row.expected[state] !== 'changes') return
  const reference = join(scratch, `reference-${Math.random()}`)
  row.right(reference as Path)
  const wanted = takeSnapshot(reference, false)
  rmSync(reference, { recursive: true, force: true })
  if (row.make === matrix['permissions']?.make && state === 'other mode')
    assert.equal(takeSnapshot(`${folder}/it`, false), wanted)
  else if (state !== 'symlink') assert.equal(takeSnapshot(`${folder}/it`, false), wanted)
  else if (edit)
    assert.equal(
      [lstatSync(`${folder}/it`).isSymbolicLink(), takeSnapshot(`${folder}/elsewhere`, false)],
      [true, wanted],
    )
  else {
    assert.equal(takeSnapshot(`${folder}/it`, false), wanted)
    rmSync(`${folder}/it`, { force: true })
    row.right(`${folder}/it` as Path)
    if (lstatSync(`${folder}/it`, { throwIfNoEntry: false })) row.spoil(`${folder}/it` as Path)
    assert.equal(
      takeSnapshot(`${folder}/elsewhere`, false),
      takeSnapshot(`${folder}/it`, false),
      'what the symlink pointed at was touched',
    )
  }
}

/** A small file system of its own, where this machine lets us. */
const mount = (folder: string, options: string): void => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    skip(
      `nothing can be mounted here: ${error instanceof Error ? error.message.split('\n').slice(0, 2).join(' ') : error}`,
    )
  }
}

test.run()
