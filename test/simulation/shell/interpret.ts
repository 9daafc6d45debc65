import { Fault } from '../host/files.ts'
import {
  Interrupted,
  type Pause,
  type Process,
  readAll,
  type Task,
  write,
  writeNow,
} from '../host/kernel.ts'
import { openFile } from '../host/open.ts'
import { type Open, openNull, openReader, openWriter } from '../host/pipes.ts'
import { BUILTINS, type Builtin, SPECIAL } from './builtins.ts'
import { Break, Control, Exit, Return } from './control.ts'
import { expandFields, expandFieldsNow, expandText, expandTextNow, runs } from './expand.ts'
import { ModelGap } from './gap.ts'
import { parse } from './parse.ts'
import { matches } from './pattern.ts'
import { PROGRAMS } from './programs.ts'
import type { Rest, Run, Shell } from './shell.ts'
import { ShellState } from './state.ts'
import type { List, Node, Pipeline, Redirection, Redirections, Step } from './syntax.ts'

type Simple = Extract<Node, { is: 'simple' }>
type Compound = Exclude<Node, { is: 'simple' | 'function' | 'subshell' | 'fault' }>
type Assigned = readonly (readonly [string, string])[]
/** How a turn of a loop ended. */
type Turn = 'leave' | 'go on'

/** A shell that runs a script; its exit code is that of the shell. */
export const runShell = (text: string) =>
  function* (process: Process): Task {
    const shell = new Interpreter(process, new ShellState(process.pid))
    return yield* shell.runToEnd(() => shell.list(parse(text)))
  }

/**
 * One shell process: it walks the tree of a script. Most commands need no pause: they are done when
 * a method returns, and a generator is made only for what is left.
 */
export class Interpreter implements Shell {
  readonly process: Process
  readonly state: ShellState
  constructor(process: Process, state: ShellState) {
    this.process = process
    this.state = state
  }

  /** Runs the body and then the trap of the exit; the exit code of the shell. */
  *runToEnd(body: () => Rest): Task {
    let status: number
    try {
      const rest = body()
      if (rest) yield* rest
      status = this.state.status
    } catch (error) {
      if (!(error instanceof Control)) throw error
      status = error instanceof Exit ? error.status : this.state.status
    }
    const trap = this.state.traps.get('0')
    if (trap === undefined) return status
    this.state.traps.delete('0')
    this.state.status = status
    try {
      const rest = this.list(parse(trap))
      if (rest) yield* rest
    } catch (error) {
      if (!(error instanceof Exit)) throw error
      return error.status
    }
    return status
  }

  list(list: List): Rest {
    for (let i = 0; i < list.length; i++) {
      const rest = this.#step(list[i] as Step)
      if (rest) return i + 1 < list.length ? this.#listAfter(rest, list, i + 1) : rest
    }
    return null
  }

  *#listAfter(before: Run, list: List, from: number): Run {
    yield* before
    for (let i = from; i < list.length; i++) {
      const rest = this.#step(list[i] as Step)
      if (rest) yield* rest
    }
  }

  #step({ first, rest, background }: Step): Rest {
    if (background) {
      const child = this.fork(shell => shell.list([{ first, rest, background: false }]))
      child.set(0, openNull())
      this.state.lastBackground = child.pid
      this.state.status = 0
      return null
    }
    const run = this.#pipeline(first)
    if (rest.length === 0) return run
    return run ? this.#chainAfter(run, rest) : this.#chain(rest, 0)
  }

  /** The pipelines after the first one: each depends on how the one before it ended. */
  #chain(chain: Step['rest'], from: number): Rest {
    for (let i = from; i < chain.length; i++) {
      const { and, pipeline } = chain[i] as Step['rest'][number]
      if ((this.state.status === 0) !== and) continue
      const run = this.#pipeline(pipeline)
      if (run) return i + 1 < chain.length ? this.#chainAfter(run, chain, i + 1) : run
    }
    return null
  }

  *#chainAfter(before: Run, chain: Step['rest'], from = 0): Run {
    yield* before
    const rest = this.#chain(chain, from)
    if (rest) yield* rest
  }

  #pipeline({ negated, nodes }: Pipeline): Rest {
    const run = nodes.length === 1 ? this.node(nodes[0] as Node) : this.#pipe(nodes)
    if (run) return this.#pipelineAfter(run, negated)
    if (negated) this.state.status = this.state.status === 0 ? 1 : 0
    return this.process.pending.length > 0 ? this.#runTraps() : null
  }

  *#pipelineAfter(before: Run, negated: boolean): Run {
    yield* before
    if (negated) this.state.status = this.state.status === 0 ? 1 : 0
    if (this.process.pending.length > 0) yield* this.#runTraps()
  }

  *#pipe(nodes: readonly Node[]): Run {
    const children: Process[] = []
    let from: Open | undefined
    for (const [i, node] of nodes.entries()) {
      const pipe = i < nodes.length - 1 ? this.process.kernel.createPipe() : null
      const child = this.fork(shell => shell.node(node))
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

  node(node: Node): Rest {
    switch (node.is) {
      case 'simple':
        return this.#simple(node)
      case 'function':
        this.state.define(node.name, node.body)
        this.state.status = 0
        return null
      case 'fault':
        return this.#fail(node.why)
      case 'subshell':
        return this.#subshell(node)
      default:
        if (node.redirections.length === 0) return this.#compound(node)
        return this.#redirected(node.redirections, isOpen => (isOpen ? this.#compound(node) : null))
    }
  }

  *#fail(why: string): Run {
    yield* this.complain(`Syntax error: ${why}`)
    throw new Exit(2)
  }

  *#subshell({ list, redirections }: Extract<Node, { is: 'group' | 'subshell' }>): Run {
    const child = this.fork(shell =>
      shell.#withOpen(redirections, isOpen => (isOpen ? shell.list(list) : null)),
    )
    this.state.status = yield* this.wait(child)
  }

  #compound(node: Compound): Rest {
    switch (node.is) {
      case 'if':
        return this.#if(node, 0)
      case 'for':
        return this.#for(node)
      case 'while':
        return this.#while(node)
      case 'case':
        return node.runs ? this.#caseSlowly(node) : this.#case(node)
      default:
        return this.list(node.list)
    }
  }

  #if(node: Extract<Node, { is: 'if' }>, from: number): Rest {
    for (let i = from; i < node.branches.length; i++) {
      const { condition, list } = node.branches[i] as (typeof node.branches)[number]
      const rest = this.list(condition)
      if (rest) return this.#ifAfter(rest, node, i)
      if (this.state.status === 0) return this.list(list)
    }
    this.state.status = 0
    return this.list(node.otherwise)
  }

  *#ifAfter(before: Run, node: Extract<Node, { is: 'if' }>, at: number): Run {
    yield* before
    const { list } = node.branches[at] as (typeof node.branches)[number]
    const rest = this.state.status === 0 ? this.list(list) : this.#if(node, at + 1)
    if (rest) yield* rest
  }

  *#for({ name, words, list }: Extract<Node, { is: 'for' }>): Run {
    const fields = words ? yield* expandFields(this, words) : [...this.state.positional]
    this.state.status = 0
    for (const field of fields) {
      this.state.set(name, field)
      const turn = this.#turn(list)
      if ((typeof turn === 'string' ? turn : yield* turn) === 'leave') return
    }
  }

  *#while({ condition, until, list }: Extract<Node, { is: 'while' }>): Run {
    let status = 0
    for (;;) {
      const rest = this.list(condition)
      if (rest) yield* rest
      if ((this.state.status === 0) === until) break
      const turn = this.#turn(list)
      if ((typeof turn === 'string' ? turn : yield* turn) === 'leave') return
      status = this.state.status
    }
    this.state.status = status
  }

  #case({ word, items }: Extract<Node, { is: 'case' }>): Rest {
    const text = expandTextNow(this, word)
    this.state.status = 0
    for (const { patterns, list } of items)
      for (const pattern of patterns)
        if (matches(expandTextNow(this, pattern, true), text)) return this.list(list)
    return null
  }

  *#caseSlowly({ word, items }: Extract<Node, { is: 'case' }>): Run {
    const text = yield* expandText(this, word)
    this.state.status = 0
    for (const { patterns, list } of items)
      for (const pattern of patterns) {
        if (!matches(yield* expandText(this, pattern, true), text)) continue
        const rest = this.list(list)
        if (rest) yield* rest
        return
      }
  }

  #turn(list: List): Turn | Generator<Pause, Turn, void> {
    try {
      const rest = this.list(list)
      return rest ? this.#turnAfter(rest) : 'go on'
    } catch (error) {
      return judgeBreak(error)
    }
  }

  *#turnAfter(before: Run): Generator<Pause, Turn, void> {
    try {
      yield* before
      return 'go on'
    } catch (error) {
      return judgeBreak(error)
    }
  }

  #simple(node: Simple): Rest {
    this.state.substituted = 0
    if (node.runs) return this.#simpleSlowly(node)
    const { words, assignments } = node
    const fields = expandFieldsNow(this, words)
    const assigned: [string, string][] = []
    for (const { name, value } of assignments) {
      const text = expandTextNow(this, value)
      if (fields.length === 0) this.state.set(name, text)
      else assigned.push([name, text])
    }
    return this.#command(node, fields, assigned)
  }

  *#simpleSlowly(node: Simple): Run {
    const fields = yield* expandFields(this, node.words)
    const assigned: [string, string][] = []
    for (const { name, value } of node.assignments) {
      const text = yield* expandText(this, value)
      if (fields.length === 0) this.state.set(name, text)
      else assigned.push([name, text])
    }
    const rest = this.#command(node, fields, assigned)
    if (rest) yield* rest
  }

  #command({ redirections }: Simple, fields: readonly string[], assigned: Assigned): Rest {
    const { state } = this
    const [name] = fields
    const words = fields.slice(1)
    const body = name === undefined ? undefined : state.functions.get(name)
    const builtin = name === undefined || body ? undefined : BUILTINS[name]
    if (name !== undefined && !body && !builtin)
      return this.external(name, words, redirections, assigned)
    for (const [variable, text] of assigned) state.set(variable, text)
    if (redirections.length === 0) return this.#call(body, builtin, words)
    return this.#redirected(
      redirections,
      isOpen => {
        if (isOpen) return this.#call(body, builtin, words)
        if (name !== undefined && SPECIAL.has(name)) throw new Exit(2)
        return null
      },
      name !== 'exec',
    )
  }

  #call(body: Node | undefined, builtin: Builtin | undefined, words: string[]): Rest {
    if (body) return this.#function(body, words)
    if (builtin) return this.#builtin(builtin, words)
    this.state.status = this.state.substituted
    return null
  }

  #builtin(builtin: Builtin, words: readonly string[]): Rest {
    let ran: ReturnType<Builtin>
    try {
      ran = builtin(this, words)
    } catch (error) {
      this.process.interruptible = false
      if (!(error instanceof Fault)) throw error
      return this.#complainOf(error)
    }
    if (typeof ran !== 'number') return this.#builtinAfter(ran)
    this.process.interruptible = false
    this.state.status = ran
    return null
  }

  *#builtinAfter(ran: Generator<Pause, number, void>): Run {
    try {
      this.state.status = yield* ran
    } catch (error) {
      if (error instanceof Interrupted) this.state.status = 129
      else if (error instanceof Fault) yield* this.#complainOf(error)
      else throw error
    } finally {
      this.process.interruptible = false
    }
  }

  *#complainOf(fault: Fault): Run {
    yield* this.complain(fault.message)
    this.state.status = 1
  }

  #function(body: Node, words: string[]): Rest {
    const { positional } = this.state
    this.state.positional = words
    let rest: Rest = null
    try {
      rest = this.node(body)
    } catch (error) {
      if (!(error instanceof Return)) throw error
    } finally {
      if (!rest) this.state.positional = positional
    }
    return rest && this.#functionAfter(rest, positional)
  }

  *#functionAfter(before: Run, positional: string[]): Run {
    try {
      yield* before
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
    assigned: Assigned = [],
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
        const isOpen = shell.#redirect(redirections)
        if (!(typeof isOpen === 'boolean' ? isOpen : yield* isOpen)) return shell.state.status
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
  fork(body: (shell: Interpreter) => Rest): Process {
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
    const child = this.fork(shell => shell.list(list))
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
  *#runTraps(): Run {
    for (let signal = this.process.pending.shift(); signal; signal = this.process.pending.shift()) {
      const { status } = this.state
      const rest = this.list(parse(this.state.traps.get(signal) ?? ''))
      if (rest) yield* rest
      this.state.status = status
    }
  }

  print(text: string, fd = 1): Rest {
    const bytes = Buffer.from(text, 'latin1')
    return writeNow(this.process, fd, bytes) ? null : write(this.process, fd, bytes)
  }

  *complain(what: string, who = 'sh'): Run {
    try {
      const rest = this.print(`${who}: ${what}\n`, 2)
      if (rest) yield* rest
    } catch (error) {
      if (!(error instanceof Fault)) throw error // nobody hears it
    }
  }

  /** Does the work with the descriptors as the redirections say, and then with those of before. */
  #redirected(redirections: Redirections, work: (isOpen: boolean) => Rest, restores = true): Rest {
    const saved = restores ? this.#save(redirections) : []
    let rest: Rest = null
    try {
      rest = this.#withOpen(redirections, work)
    } finally {
      if (!rest) this.#restore(saved)
    }
    return rest && this.#redirectedAfter(rest, saved)
  }

  *#redirectedAfter(before: Run, saved: readonly [number, Open | undefined][]): Run {
    try {
      yield* before
    } finally {
      this.#restore(saved)
    }
  }

  #withOpen(redirections: Redirections, work: (isOpen: boolean) => Rest): Rest {
    const isOpen = this.#redirect(redirections)
    return typeof isOpen === 'boolean' ? work(isOpen) : this.#withOpenAfter(isOpen, work)
  }

  *#withOpenAfter(before: Generator<Pause, boolean, void>, work: (isOpen: boolean) => Rest): Run {
    const rest = work(yield* before)
    if (rest) yield* rest
  }

  /** Opens what the redirections say; false if one cannot be, with its message and status. */
  #redirect(redirections: Redirections): boolean | Generator<Pause, boolean, void> {
    for (let i = 0; i < redirections.length; i++) {
      const { fd, does, target } = redirections[i] as Redirection
      if (runs(target)) return this.#redirectSlowly(redirections, i)
      const text = expandTextNow(this, target)
      try {
        const open = this.#open(does, text)
        if (open && 'next' in open) return this.#redirectSlowly(redirections, i)
        this.process.set(fd, open)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        return this.#complainOfOpen(text, error)
      }
    }
    return true
  }

  *#redirectSlowly(redirections: Redirections, from: number): Generator<Pause, boolean, void> {
    for (const { fd, does, target } of redirections.slice(from)) {
      const text = yield* expandText(this, target)
      try {
        const open = this.#open(does, text)
        this.process.set(fd, open && 'next' in open ? yield* open : open)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        return yield* this.#complainOfOpen(text, error)
      }
    }
    return true
  }

  *#complainOfOpen(text: string, { message }: Fault): Generator<Pause, boolean, void> {
    yield* this.complain(`cannot open ${text}: ${message}`)
    this.state.status = 2
    return false
  }

  #open(does: Redirection['does'], text: string): ReturnType<typeof openFile> | undefined {
    if (!does.endsWith('&')) return openFile(this.process, does, text, this.state.noClobber)
    if (text === '-') return undefined
    const open = this.process.get(Number(text))
    open.refs++
    return open
  }

  #save(redirections: Redirections): [number, Open | undefined][] {
    return redirections.map(({ fd }) => {
      const open = this.process.opened.get(fd)
      if (open) {
        open.refs++
        this.process.aside.push(open)
      }
      return [fd, open]
    })
  }

  #restore(saved: readonly [number, Open | undefined][]): void {
    if (this.process.state === 'ended') return
    const { aside } = this.process
    for (const [fd, open] of [...saved].reverse()) {
      if (open) aside.splice(aside.indexOf(open), 1)
      this.process.set(fd, open)
    }
  }
}

/** What a loop does at what was thrown in its body. */
const judgeBreak = (error: unknown): Turn => {
  if (!(error instanceof Break)) throw error
  if (error.levels > 1) throw new Break(error.levels - 1, error.goesOn)
  return error.goesOn ? 'go on' : 'leave'
}

/** The descriptor from which a command substitution is read: no script uses it. */
const SUBSTITUTION = 90
