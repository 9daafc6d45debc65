import { Fault } from '../host/files.ts'
import { Interrupted, type Pause, type Process, readAll, type Task, write } from '../host/kernel.ts'
import { openFile } from '../host/open.ts'
import { type Open, openNull, openReader, openWriter } from '../host/pipes.ts'
import { BUILTINS, SPECIAL } from './builtins.ts'
import { Break, Exit, Return } from './control.ts'
import { expandFields, expandText } from './expand.ts'
import { ModelGap } from './gap.ts'
import { parse } from './parse.ts'
import { matches } from './pattern.ts'
import { PROGRAMS } from './programs.ts'
import type { Run, Shell } from './shell.ts'
import { ShellState } from './state.ts'
import type { List, Node, Pipeline, Redirection, Redirections } from './syntax.ts'

/** A shell that runs a script; its exit code is that of the shell. */
export const runShell = (text: string) =>
  function* (process: Process): Task {
    const shell = new Interpreter(process, new ShellState(process.pid))
    return yield* shell.runToEnd(() => shell.list(parse(text)))
  }

/** One shell process: it walks the tree of a script. */
export class Interpreter implements Shell {
  readonly process: Process
  readonly state: ShellState
  constructor(process: Process, state: ShellState) {
    this.process = process
    this.state = state
  }

  /** Runs the body and then the trap of the exit; the exit code of the shell. */
  *runToEnd(body: () => Run): Task {
    const status = yield* this.#catchExit(body)
    const trap = this.state.traps.get('0')
    if (trap === undefined) return status
    this.state.traps.delete('0')
    this.state.status = status
    let exited = status
    try {
      yield* this.list(parse(trap))
    } catch (error) {
      if (!(error instanceof Exit)) throw error
      exited = error.status
    }
    return exited
  }

  *#catchExit(body: () => Run): Generator<Pause, number, void> {
    try {
      yield* body()
      return this.state.status
    } catch (error) {
      if (error instanceof Exit) return error.status
      if (error instanceof Return || error instanceof Break) return this.state.status
      throw error
    }
  }

  *list(list: List): Run {
    for (const { first, rest, background } of list) {
      if (background) {
        const child = this.fork(function* (shell) {
          yield* shell.list([{ first, rest, background: false }])
        })
        child.set(0, openNull())
        this.state.lastBackground = child.pid
        this.state.status = 0
        continue
      }
      yield* this.pipeline(first)
      for (const { and, pipeline } of rest)
        if ((this.state.status === 0) === and) yield* this.pipeline(pipeline)
    }
  }

  *pipeline({ negated, nodes }: Pipeline): Run {
    if (nodes.length === 1) yield* this.node(nodes[0] as Node)
    else {
      const children: Process[] = []
      let from: Open | undefined
      for (const [i, node] of nodes.entries()) {
        const pipe = i < nodes.length - 1 ? this.process.kernel.createPipe() : null
        const child = this.fork(function* (shell) {
          yield* shell.node(node)
        })
        if (from) child.set(0, from)
        from = undefined
        if (pipe) {
          child.set(1, openWriter(pipe))
          from = openReader(pipe)
        }
        children.push(child)
      }
      for (const child of children) this.state.status = yield* this.wait(child)
    }
    if (negated) this.state.status = this.state.status === 0 ? 1 : 0
    yield* this.runTraps()
  }

  *node(node: Node): Run {
    if (node.is === 'simple') return yield* this.#simple(node)
    if (node.is === 'function') {
      this.state.define(node.name, node.body)
      this.state.status = 0
      return
    }
    if (node.is === 'fault') {
      yield* this.complain(`Syntax error: ${node.why}`)
      throw new Exit(2)
    }
    if (node.is === 'subshell') {
      const child = this.fork(function* (shell) {
        if (yield* shell.#redirect(node.redirections)) yield* shell.list(node.list)
      })
      this.state.status = yield* this.wait(child)
      return
    }
    const saved = this.#save(node.redirections)
    try {
      if (yield* this.#redirect(node.redirections)) yield* this.#compound(node)
    } finally {
      this.#restore(saved)
    }
  }

  *#compound(node: Exclude<Node, { is: 'simple' | 'function' | 'subshell' | 'fault' }>): Run {
    switch (node.is) {
      case 'group':
        return yield* this.list(node.list)
      case 'if': {
        for (const { condition, list } of node.branches) {
          yield* this.list(condition)
          if (this.state.status === 0) return yield* this.list(list)
        }
        this.state.status = 0
        return yield* this.list(node.otherwise)
      }
      case 'for': {
        const fields = node.words
          ? yield* expandFields(this, node.words)
          : [...this.state.positional]
        this.state.status = 0
        for (const field of fields) {
          this.state.set(node.name, field)
          if ((yield* this.#loop(node.list)) === 'leave') return
        }
        return
      }
      case 'while': {
        let status = 0
        for (;;) {
          yield* this.list(node.condition)
          if ((this.state.status === 0) === node.until) break
          if ((yield* this.#loop(node.list)) === 'leave') return
          status = this.state.status
        }
        this.state.status = status
        return
      }
      case 'case': {
        const text = yield* expandText(this, node.word)
        this.state.status = 0
        for (const { patterns, list } of node.items)
          for (const pattern of patterns)
            if (matches(yield* expandText(this, pattern, true), text)) return yield* this.list(list)
      }
    }
  }

  *#loop(list: List): Generator<Pause, 'leave' | 'go on', void> {
    try {
      yield* this.list(list)
      return 'go on'
    } catch (error) {
      if (!(error instanceof Break)) throw error
      if (error.levels > 1) throw new Break(error.levels - 1, error.goesOn)
      return error.goesOn ? 'go on' : 'leave'
    }
  }

  *#simple(node: Extract<Node, { is: 'simple' }>): Run {
    const { state } = this
    state.substituted = 0
    const [name, ...words] = yield* expandFields(this, node.words)
    const assigned: [string, string][] = []
    for (const { name: variable, value } of node.assignments) {
      const text = yield* expandText(this, value)
      if (name === undefined) state.set(variable, text)
      else assigned.push([variable, text])
    }
    const body = name === undefined ? undefined : state.functions.get(name)
    const builtin = name === undefined || body ? undefined : BUILTINS[name]
    if (name !== undefined && !body && !builtin)
      return yield* this.external(name, words, node.redirections, assigned)
    for (const [variable, text] of assigned) state.set(variable, text)
    const saved = name === 'exec' ? [] : this.#save(node.redirections)
    try {
      if (!(yield* this.#redirect(node.redirections))) {
        if (name !== undefined && SPECIAL.has(name)) throw new Exit(2)
        return
      }
      if (body) yield* this.#function(body, words)
      else if (builtin) state.status = yield* this.#builtin(() => builtin(this, words))
      else state.status = state.substituted
    } finally {
      this.#restore(saved)
    }
  }

  *#builtin(run: () => number | Generator<Pause, number, void>): Generator<Pause, number, void> {
    try {
      const ran = run()
      return typeof ran === 'number' ? ran : yield* ran
    } catch (error) {
      if (error instanceof Interrupted) return 129
      if (!(error instanceof Fault)) throw error
      yield* this.complain(error.message)
      return 1
    } finally {
      this.process.interruptible = false
    }
  }

  *#function(body: Node, words: readonly string[]): Run {
    const { positional } = this.state
    this.state.positional = [...words]
    try {
      yield* this.node(body)
    } catch (error) {
      if (!(error instanceof Return)) throw error
    } finally {
      this.state.positional = positional
    }
  }

  /** Runs a program as a child, and waits for it. */
  *external(
    name: string,
    words: readonly string[],
    redirections: Redirections,
    assigned: readonly (readonly [string, string])[] = [],
  ): Run {
    const short = name.slice(name.lastIndexOf('/') + 1)
    const { state } = this
    const program = PROGRAMS[short]
    const isThere = program && !this.process.kernel.missing.has(short)
    if (!program && !this.process.kernel.missing.has(short) && !/^no-such/.test(short))
      throw new ModelGap(`the program ${name} (${words.join(' ')})`)
    const { process: parent } = this
    const child = parent.kernel.start(
      parent,
      isThere ? short : parent.name,
      words,
      function* (process): Task {
        const shell = new Interpreter(process, state.fork())
        for (const [variable, text] of assigned) shell.state.set(variable, text)
        if (!(yield* shell.#redirect(redirections))) return shell.state.status
        if (!isThere) {
          yield* shell.complain(`${name}: not found`)
          return 127
        }
        try {
          const ran = program(process, words, shell)
          return typeof ran === 'number' ? ran : yield* ran
        } catch (error) {
          if (!(error instanceof Fault)) throw error
          yield* shell.complain(error.message, short)
          return 1
        }
      },
    )
    this.state.status = yield* this.wait(child)
  }

  /** A copy of this shell, as a child. */
  fork(body: (shell: Interpreter) => Run): Process {
    const { process: parent, state } = this
    const copy = state.fork()
    return parent.kernel.start(parent, parent.name, [], function* (process): Task {
      const shell = new Interpreter(process, copy)
      return yield* shell.runToEnd(() => body(shell))
    })
  }

  /** Waits for a child; its exit code. Other children that have ended are taken note of. */
  *wait(child: Process): Generator<Pause, number, void> {
    while (child.state !== 'ended') yield this.process.childEnded
    for (const other of this.process.children)
      if (other.state === 'ended' && other !== child) {
        this.state.ended.set(other.pid, other.status.code)
        this.process.kernel.reap(other)
      }
    this.process.kernel.reap(child)
    return child.status.code
  }

  /** What a command prints, without the newlines at its end. */
  *substitute(list: List): Generator<Pause, string, void> {
    const pipe = this.process.kernel.createPipe()
    const writer = openWriter(pipe)
    const child = this.fork(function* (shell) {
      yield* shell.list(list)
    })
    child.set(1, writer)
    const reader = openReader(pipe)
    this.process.set(SUBSTITUTION, reader)
    const bytes = yield* readAll(this.process, SUBSTITUTION)
    this.process.set(SUBSTITUTION, undefined)
    this.state.substituted = yield* this.wait(child)
    this.state.status = this.state.substituted
    return bytes.toString('latin1').replace(/\n+$/, '')
  }

  /** Runs the traps of the signals that have come. */
  *runTraps(): Run {
    for (let signal = this.process.pending.shift(); signal; signal = this.process.pending.shift()) {
      const { status } = this.state
      yield* this.list(parse(this.state.traps.get(signal) ?? ''))
      this.state.status = status
    }
  }

  *print(text: string, fd = 1): Run {
    yield* write(this.process, fd, Buffer.from(text, 'latin1'))
  }

  *complain(what: string, who = 'sh'): Run {
    try {
      yield* this.print(`${who}: ${what}\n`, 2)
    } catch (error) {
      if (!(error instanceof Fault)) throw error // nobody hears it
    }
  }

  /** Opens what the redirections say; false if one cannot be, with its message and status. */
  *#redirect(redirections: Redirections): Generator<Pause, boolean, void> {
    for (const { fd, does, target } of redirections) {
      const text = yield* expandText(this, target)
      try {
        this.process.set(fd, yield* this.#open(does, text))
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        yield* this.complain(`cannot open ${text}: ${error.message}`)
        this.state.status = 2
        return false
      }
    }
    return true
  }

  *#open(does: Redirection['does'], text: string): Generator<Pause, Open | undefined, void> {
    if (!does.endsWith('&')) return yield* openFile(this.process, does, text, this.state.noClobber)
    if (text === '-') return undefined
    const open = this.process.get(Number(text))
    open.refs++
    return open
  }

  #save(redirections: Redirections): [number, Open | undefined][] {
    return redirections.map(({ fd }) => {
      const open = this.process.opened.get(fd)
      if (open) open.refs++
      return [fd, open]
    })
  }

  #restore(saved: readonly [number, Open | undefined][]): void {
    if (this.process.state === 'ended') return
    for (const [fd, open] of [...saved].reverse()) this.process.set(fd, open)
  }
}

/** The descriptor from which a command substitution is read: no script uses it. */
const SUBSTITUTION = 90
