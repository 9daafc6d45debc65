import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, waitUntil } from './run-playbook.ts'

/** A person's terminal: a shell in a tmux of its own, with everything that is written to it. */
export type Terminal = {
  /** Types a line, or presses a key such as `C-c`. */
  readonly type: (line: string) => void
  readonly press: (key: string) => void
  /** What stands on the screen and above it. */
  readonly screen: () => string
  /** All bytes that were written to it, escape codes too. */
  readonly bytes: () => string
  /** Waits until the screen shows this. */
  readonly shows: (what: RegExp, seconds?: number) => Promise<void>
  /** Whether the cursor is seen, and the settings of the line discipline. */
  readonly state: () => { readonly cursor: boolean; readonly tty: string }
  readonly close: () => void
}

/** A terminal of that many columns in the project's folder, with these variables. */
export const openTerminal = async (
  columns: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Terminal> => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-tmux-'))
  const tmux = (...words: readonly string[]) =>
    execFileSync('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', ...words], {
      encoding: 'utf8',
      env: { ...process.env, ...env, CI: '', TERM: 'xterm-256color', TMUX: '' },
    })
  tmux(
    'new-session',
    '-d',
    '-x',
    String(columns),
    '-y',
    '40',
    '-c',
    root,
    'bash --norc --noprofile',
  )
  tmux('set', '-g', 'history-limit', '5000')
  tmux('pipe-pane', `cat >${join(folder, 'bytes')}`)
  const tty = tmux('display', '-p', '#{pane_tty}').trim()
  const screen = () => tmux('capture-pane', '-p', '-J', '-S', '-')
  const shows = (what: RegExp, seconds?: number) =>
    waitUntil(`the screen shows ${what}`, () => what.test(screen()), seconds).catch(error => {
      throw new Error(`${error.message}\n${screen().trimEnd()}`)
    })
  const close = () => {
    tmux('kill-server')
    rmSync(folder, { recursive: true, force: true })
  }
  await shows(/[$#]/).catch(error => {
    close()
    throw error
  })
  return {
    type: line => {
      tmux('send-keys', '-l', line)
      tmux('send-keys', 'Enter')
    },
    press: key => void tmux('send-keys', key),
    screen,
    bytes: () => readFileSync(join(folder, 'bytes'), 'latin1'),
    shows,
    state: () => ({
      cursor: tmux('display', '-p', '#{cursor_flag}').trim() === '1',
      tty: execFileSync('stty', ['-F', tty, '-a'], { encoding: 'utf8' }),
    }),
    close,
  }
}
