import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import * as z from 'zod'
import { InputError } from '../errors/input-error.ts'
import { findScope, sharePattern } from './change-scopes.ts'
import { isShared } from './scope.ts'
import type { Store } from './store.ts'

const memory = '/dev/shm'

/** The names of the secrets that the user set and removed. */
export interface EditResult {
  readonly set: string[]
  readonly removed: string[]
}

/**
 * Lets the user edit the secrets (`$VISUAL`, `$EDITOR` or vi) and stores the result. The text
 * exists in memory only and is overwritten afterwards. With a scope these are the ones that it
 * shares, and it shares those that are added.
 */
export const editStore = async (
  store: Store,
  editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi',
  scope?: string,
): Promise<EditResult> => {
  const share = scope === undefined ? null : findScope(store.facts(), scope).share
  const names = store.names().filter(name => share === null || isShared(share, name))
  const before = Object.fromEntries(names.map(name => [name, store.get(name).reveal()]))
  const after = parseSecrets(await openEditor(stringify(before, { lineWidth: 0 }), editor))
  const set = Object.keys(after).filter(name => after[name] !== before[name])
  const removed = Object.keys(before).filter(name => !Object.hasOwn(after, name))
  if (set.length + removed.length > 0) {
    await store.change(contents => {
      for (const name of [...set, ...removed])
        if (contents.secrets[name] !== before[name])
          throw new InputError({
            place: name,
            message: 'has another value since the editor was opened: nothing was changed',
            next: 'Edit again.',
          })
      for (const name of set) contents.secrets[name] = after[name]!
      for (const name of removed) delete contents.secrets[name]
      if (scope !== undefined) for (const name of set) sharePattern(contents, scope, name)
    })
  }
  return { set, removed }
}

const openEditor = async (text: string, editor: string): Promise<string> => {
  if (!(await stat(memory).catch(() => null)))
    throw new InputError({
      message: `editing requires ${memory}, which is missing`,
      next: 'Use `secrets.ts set NAME` instead.',
    })
  const folder = await mkdtemp(join(memory, 'brd-secrets-'))
  const file = join(folder, 'secrets.yaml')
  const shred = () => shredFile(folder, file)
  process.once('exit', shred)
  try {
    await writeFile(file, text, { mode: 0o600 })
    await runEditor(editor, file)
    return await readFile(file, 'utf8')
  } finally {
    process.off('exit', shred)
    shred()
  }
}

/** Overwrites the text, then removes the folder. */
const shredFile = (folder: string, file: string) => {
  try {
    writeFileSync(file, Buffer.alloc(64 * 1024))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs the editor. Signals are ignored meanwhile: Ctrl-C must not leave the text behind. */
const runEditor = (editor: string, file: string) =>
  new Promise<void>((resolve, reject) => {
    const deaf = () => {}
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, deaf)
    const child = spawn('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
    const settle = (code: number | null) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, deaf)
      if (code === 0) resolve()
      else
        reject(
          new InputError({
            message: `the editor "${editor}" ended with ${code ?? 'a signal'}: nothing was changed`,
            next: 'Name another with EDITOR.',
          }),
        )
    }
    child.on('error', () => settle(null))
    child.on('exit', settle)
  })

const values = z.record(z.string(), z.string())

/** Parses the edited text. A parser's error could quote a secret, so only its line is shown. */
const parseSecrets = (text: string): Record<string, string> => {
  try {
    return values.parse(parse(text) ?? {})
  } catch (error) {
    const names =
      error instanceof z.ZodError ? error.issues.map(issue => issue.path.join('.')).join(', ') : ''
    const row = (error as { linePos?: { line: number }[] }).linePos?.[0]?.line
    throw new InputError({
      place: row === undefined ? undefined : `line ${row}`,
      message: names
        ? `${names}: a secret is text; put it in quotes`
        : 'the text is not YAML of "name: value" lines: nothing was changed',
    })
  }
}
