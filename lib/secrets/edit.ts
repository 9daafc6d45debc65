import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import * as z from 'zod'
import { InputError } from '../errors/input-error.ts'
import type { Store } from './store.ts'

const memory = '/dev/shm'

/** What was added, changed and removed by the person, by name. */
export interface EditResult {
  readonly set: string[]
  readonly removed: string[]
}

/**
 * The secrets as a person left them in the editor (`$VISUAL`, `$EDITOR` or vi). The text exists in
 * memory only and is overwritten afterwards.
 */
export const editStore = async (
  store: Store,
  editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi',
): Promise<EditResult> => {
  const before = Object.fromEntries(store.names().map(name => [name, store.get(name).reveal()]))
  const after = parseSecrets(await openEditor(stringify(before, { lineWidth: 0 }), editor))
  const set = Object.keys(after).filter(name => after[name] !== before[name])
  const removed = Object.keys(before).filter(name => !Object.hasOwn(after, name))
  if (set.length + removed.length > 0) {
    await store.change(contents => {
      for (const name of set) contents.secrets[name] = after[name]!
      for (const name of removed) delete contents.secrets[name]
    })
  }
  return { set, removed }
}

const openEditor = async (text: string, editor: string): Promise<string> => {
  if (!(await stat(memory).catch(() => null)))
    throw new InputError({
      message: `there is no ${memory} to edit in`,
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

/** Nothing of the folder is left; the text is overwritten first. */
const shredFile = (folder: string, file: string) => {
  try {
    writeFileSync(file, Buffer.alloc(64 * 1024))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Signals are for the editor while it runs: Ctrl-C in it must not end us with the text lying there.
 */
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

/** A parser's error could quote a secret: only the line is told. */
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
        : 'what was written is not YAML of "name: value" lines: nothing was changed',
    })
  }
}
