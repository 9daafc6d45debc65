import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import * as assert from 'uvu/assert'
import type { Operation } from '../../lib/operation.ts'
import type { Path } from '../../lib/operations/file/entry.ts'
import { refuses, type Settling, settles } from './operations.ts'

type Whole = {
  /** Where the file is in the folder. */
  readonly at: (folder: Path) => string
  /** All that it must hold afterwards. */
  readonly content: string
  /** Octal. Default 644. */
  readonly mode?: number
}

/**
 * What may be in the place of a file that an operation owns as a whole: it settles from each, and
 * refuses a folder.
 */
export const settlesWholeFile = (
  title: string,
  make: (folder: Path) => Operation,
  { at, content, mode = 0o644 }: Whole,
): void => {
  const after = (folder: Path) => {
    assert.is(readFileSync(at(folder), 'utf8'), content)
    assert.is(statSync(at(folder)).mode & 0o7777, mode)
  }
  const before =
    (text: string, rights = mode) =>
    (folder: Path) => {
      mkdirSync(dirname(at(folder)), { recursive: true })
      writeFileSync(at(folder), text)
      chmodSync(at(folder), rights)
    }
  settles(`${title}, absent`, make, {
    before: folder => mkdirSync(dirname(at(folder)), { recursive: true }),
    after,
  })
  settles(`${title}, correct`, make, { before: before(content), after })
  settles(`${title}, wrong content`, make, { before: before('other\n'), after })
  settles(`${title}, wrong mode`, make, { before: before(content, 0o600 ^ mode), after })
  settles(`${title}, a symlink`, make, {
    before: folder => {
      writeFileSync(`${folder}/target`, 'of another\n')
      mkdirSync(dirname(at(folder)), { recursive: true })
      symlinkSync(`${folder}/target`, at(folder))
    },
    after: folder => {
      after(folder)
      assert.is(readFileSync(`${folder}/target`, 'utf8'), 'of another\n')
    },
  })
  refuses(`${title}, a folder in its place`, make, /is a directory/, {
    before: folder => mkdirSync(at(folder), { recursive: true }),
  })
}

type Part = {
  readonly at: (folder: Path) => string
  /**
   * What the file holds where all is right, and where the own part of it is not. The rest of it
   * stays.
   */
  readonly right: string
  readonly wrong: string
  /** What it holds where the own part is missing. */
  readonly missing: string
  readonly tools?: Settling['tools']
}

/**
 * What may be in the place of a file of which an operation owns a part: its rights stay, a symlink
 * is followed, a folder is refused.
 */
export const settlesPartOfFile = (
  title: string,
  make: (folder: Path) => Operation,
  { at, right, wrong, missing, tools }: Part,
): void => {
  const write = (text: string) => (folder: Path) => {
    writeFileSync(at(folder), text)
    chmodSync(at(folder), 0o640)
  }
  const after = (folder: Path) => {
    assert.is(readFileSync(at(folder), 'utf8'), right)
    assert.is(statSync(at(folder)).mode & 0o7777, 0o640)
    assert.equal(
      readdirSync(dirname(at(folder))).filter(name => name.endsWith('.brd')),
      [],
    )
  }
  settles(`${title}, absent`, make, { before: write(missing), after, tools })
  settles(`${title}, correct`, make, { before: write(right), after, tools })
  settles(`${title}, wrong content`, make, { before: write(wrong), after, tools })
  settles(`${title}, behind a symlink`, make, {
    tools,
    before: folder => {
      write(wrong)(folder)
      renameSync(at(folder), `${folder}/target`)
      symlinkSync('target', at(folder))
    },
    after: folder => {
      after(folder)
      assert.ok(lstatSync(at(folder)).isSymbolicLink())
    },
  })
  refuses(`${title}, a folder in its place`, make, /director|no such file/i, {
    before: folder => mkdirSync(at(folder)),
    tools,
  })
}
