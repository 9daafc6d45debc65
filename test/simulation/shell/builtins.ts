import { Fault } from '../host/files.ts'
import { type Pause, type Process, read, type Signal } from '../host/kernel.ts'
import { getEntry, isThere, resolvePath } from '../host/open.ts'
import { Break, Exit, Return } from './control.ts'
import { ModelGap } from './gap.ts'
import { parse } from './parse.ts'
import { PROGRAMS } from './programs.ts'
import type { Rest, Run, Shell } from './shell.ts'

export type Builtin = (
  shell: Shell,
  words: readonly string[],
) => number | Generator<Pause, number, void>

/** Builtins whose failed redirection ends the shell. */
export const SPECIAL = new Set([
  ...[':', 'break', 'continue', 'eval', 'exec', 'exit', 'export', 'return', 'set', 'shift'],
  ...['trap', 'unset'],
])

const succeed: Builtin = () => 0

/** The exit code after what is still to be done. */
const end = (rest: Rest, code: number): ReturnType<Builtin> => (rest ? endAfter(rest, code) : code)

function* endAfter(rest: Run, code: number): Generator<Pause, number, void> {
  yield* rest
  return code
}

function* endEval({ state }: Shell, rest: Run): Generator<Pause, number, void> {
  yield* rest
  return state.status
}

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  ':': succeed,
  true: succeed,
  umask: succeed,
  ulimit: succeed,
  export: ({ state }, words) => {
    for (const word of words) {
      const [name = '', value] = word.split(/=(.*)/s)
      if (value !== undefined) state.set(name, value)
    }
    return 0
  },
  false: () => {
    return 1
  },
  unset: ({ state }, words) => {
    for (const name of words) state.unset(name)
    return 0
  },
  echo: (shell, words) => {
    const quiet = words[0] === '-n'
    return end(shell.print(`${words.slice(quiet ? 1 : 0).join(' ')}${quiet ? '' : '\n'}`), 0)
  },
  printf: (shell, [format = '', ...words]) => {
    return end(shell.print(format_(format, words)), 0)
  },
  cd: (shell, [folder = '/']) => {
    const path = resolvePath(shell.process, folder)
    if (getEntry(shell.process, path)?.is !== 'folder') throw new Fault('ENOENT')
    shell.process.folder = path
    return 0
  },
  eval: (shell, words) => {
    shell.state.status = 0
    const rest = shell.list(parse(words.join(' ')))
    return rest ? endEval(shell, rest) : shell.state.status
  },
  exec: (shell, words) => {
    if (words.length > 0) throw new ModelGap(`exec of a program (${words.join(' ')})`)
    return shell.state.status
  },
  exit: ({ state }, [status]) => {
    throw new Exit(status === undefined ? state.status : Number(status) & 255)
  },
  return: ({ state }, [status]) => {
    if (status !== undefined) state.status = Number(status)
    throw new Return()
  },
  break: (_, [levels = '1']) => {
    throw new Break(Number(levels), false)
  },
  continue: (_, [levels = '1']) => {
    throw new Break(Number(levels), true)
  },
  shift: ({ state }, [count = '1']) => {
    if (Number(count) > state.positional.length) throw new Exit(2) // dash: can't shift that many
    state.positional.splice(0, Number(count))
    return 0
  },
  set: ({ state }, words) => {
    const [first = ''] = words
    if (first === '-C') state.noClobber = true
    else if (first === '-f' || first === '+f') state.noGlob = first === '-f'
    else if (first === '--' || !/^[-+]/.test(first))
      state.positional = words.slice(first === '--' ? 1 : 0)
    else throw new ModelGap(`set ${first}`)
    return 0
  },
  trap: (shell, [action = '', ...signals]) => {
    for (const signal of signals) {
      if (action === '-') shell.state.traps.delete(signal)
      else shell.state.traps.set(signal === 'EXIT' ? '0' : signal, action)
      if (signal === '0' || signal === 'EXIT') continue
      if (action === '-') shell.process.handled.delete(signal as Signal)
      else shell.process.handled.add(signal as Signal)
    }
    return 0
  },
  read: (shell, [flag, ...names]) => {
    if (flag !== '-r') throw new ModelGap(`read ${[flag, ...names].join(' ')}`)
    shell.process.interruptible = true
    const isPipe = shell.process.get(0).is === 'reader'
    return isPipe ? readSlowly(shell, names) : assign(shell, names, readLineNow(shell.process))
  },
  wait: function* (shell, pids) {
    shell.process.interruptible = true
    const { children } = shell.process
    const awaited =
      pids.length === 0 ? [...children] : [...children].filter(one => pids.includes(`${one.pid}`))
    let status = pids.length === 0 ? 0 : (shell.state.ended.get(Number(pids.at(-1))) ?? 127)
    for (const child of awaited) {
      const code = yield* shell.wait(child)
      if (pids.length > 0) status = code
    }
    return status
  },
  kill: function* (shell, [flag = '', ...pids]) {
    const { kernel } = shell.process
    const signal = /^-(0|HUP|INT|TERM|KILL|PIPE|STOP|CONT)$/.exec(flag)?.[1]
    if (!signal) throw new ModelGap(`kill ${flag}`)
    let status = pids.length === 0 ? 2 : 0
    for (const pid of pids) {
      const process = /^\d+$/.test(pid) ? kernel.processes.get(Number(pid)) : undefined
      if (process && signal !== '0') kernel.send(process, signal as Signal)
      if (pids.length > 1 && signal === 'KILL') yield 0 // others go on between two of them
      if (process) continue
      status = 1
      yield* shell.complain('No such process', 'kill')
    }
    yield 0 // it may itself be one of them
    return status
  },
  command: (shell, [flag, name = '']) => {
    if (flag !== '-v') throw new ModelGap(`command ${flag}`)
    const isKnown =
      shell.state.functions.has(name) ||
      name in BUILTINS ||
      ((name in PROGRAMS || OTHER_TOOLS.has(name)) && !shell.process.kernel.missing.has(name))
    return isKnown ? end(shell.print(`${name}\n`), 0) : 127
  },
  test: (shell, words) => {
    return test(shell, words) ? 0 : 1
  },
  '[': (shell, words) => {
    if (words.at(-1) !== ']') throw new ModelGap(`[ ${words.join(' ')}`)
    return test(shell, words.slice(0, -1)) ? 0 : 1
  },
}

function* readSlowly(shell: Shell, names: readonly string[]): Generator<Pause, number, void> {
  let line = ''
  while (!line.endsWith('\n')) {
    const bytes = yield* read(shell.process, 0, 65_536, true)
    if (bytes.length === 0) break
    line += bytes.toString('latin1')
  }
  return assign(shell, names, line)
}

const readLineNow = (process: Process): string => {
  let line = ''
  while (!line.endsWith('\n')) {
    const { value } = read(process, 0, 65_536, true).next()
    if (!(value instanceof Buffer)) throw new Error('a line of a file is waited for')
    if (value.length === 0) break
    line += value.toString('latin1')
  }
  return line
}

/** Gives the fields of a line to variables, the rest of it to the last one. */
const assign = ({ state }: Shell, names: readonly string[], line: string): number => {
  const whole = line.endsWith('\n')
  let rest = line.replace(/\n$/, '').replace(/^[ \t]+/, '')
  for (const [i, name] of names.entries()) {
    const end = i === names.length - 1 ? rest.search(/[ \t]*$/) : rest.search(/[ \t]|$/)
    state.set(name, rest.slice(0, end))
    rest = rest.slice(end).replace(/^[ \t]+/, '')
  }
  return whole ? 0 : 1
}

/** Programs that a host has and that no script of the simulation runs. */
const OTHER_TOOLS = new Set(['stat', 'sha256sum'])

const format_ = (format: string, words: readonly string[]): string => {
  const values = [...words]
  let text = ''
  do {
    text += format.replace(/%%|%[sd]|\\[nt0\\]/g, found => {
      if (found === '%%') return '%'
      if (found === '%s') return values.shift() ?? ''
      if (found === '%d') return String(Number(values.shift() ?? 0))
      return { '\\n': '\n', '\\t': '\t', '\\0': '\0', '\\\\': '\\' }[found] ?? ''
    })
  } while (values.length > 0 && /%[sd]/.test(format))
  return text
}

const test = (shell: Shell, words: readonly string[]): boolean => {
  const [first = '', second = '', third = ''] = words
  if (words.length > 1 && first === '!') return !test(shell, words.slice(1))
  if (words.length === 0) return false
  if (words.length === 1) return first !== ''
  // an operand is missing: the shell says so, and goes on
  if (words.length === 2 && !first.startsWith('-')) return false
  if (words.length === 2) return testOne(shell, first, second)
  if (words.length > 3) throw new ModelGap(`[ ${words.join(' ')} ]`)
  switch (second) {
    case '=':
      return first === third
    case '!=':
      return first !== third
    case '-eq':
      return Number(first) === Number(third)
    case '-ne':
      return Number(first) !== Number(third)
    case '-gt':
      return Number(first) > Number(third)
    case '-ge':
      return Number(first) >= Number(third)
    case '-lt':
      return Number(first) < Number(third)
    case '-le':
      return Number(first) <= Number(third)
    default:
      throw new ModelGap(`[ ${words.join(' ')} ]`)
  }
}

const testOne = ({ process }: Shell, flag: string, word: string): boolean => {
  const path = resolvePath(process, word)
  const { files } = process.kernel
  switch (flag) {
    case '-n':
      return word !== ''
    case '-z':
      return word === ''
    case '-e':
    case '-r':
    case '-w':
    case '-O': // everything is root's
      return isThere(process, path)
    case '-d':
      return getEntry(process, path)?.is === 'folder'
    case '-f':
      return getEntry(process, path)?.is === 'file'
    case '-s': {
      const entry = getEntry(process, path)
      return entry?.is === 'file' && entry.size > 0
    }
    case '-p':
      return files.get(path)?.is === 'fifo'
    case '-h':
    case '-L':
      return files.get(path)?.is === 'link'
    default:
      throw new ModelGap(`[ ${flag} ]`)
  }
}
