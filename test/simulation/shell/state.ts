import type { Node } from './syntax.ts'

/** Variables that were set since those below it; undefined: it was unset. */
type Layer = {
  readonly own: Map<string, string | undefined>
  readonly below: Layer | null
  readonly depth: number
}

/** Layers after which they are made one again. */
const DEEPEST = 6

const flatten = (layer: Layer): Layer => {
  const own = new Map(layer.below ? flatten(layer.below).own : [])
  for (const [name, value] of layer.own) own.set(name, value)
  return { own, below: null, depth: 0 }
}

/** What a shell knows; a subshell begins with a copy. */
export class ShellState {
  functions: Map<string, Node> = new Map()
  #variables: Layer = { own: new Map(), below: null, depth: 0 }
  /** These are those of another shell too: no change is made to them. */
  #areVariablesShared = false
  #areFunctionsShared = false
  positional: string[] = []
  /** Exit code of the last command, and of the last command substitution. */
  status = 0
  substituted = 0
  lastBackground = 0
  /** `$$`: a subshell keeps that of its shell. */
  readonly pid: number
  readonly traps = new Map<string, string>()
  /** Exit codes of children that ended in the background. */
  readonly ended = new Map<number, number>()
  noClobber = false
  /** Names of files are not filled in. */
  noGlob = false
  constructor(pid: number) {
    this.pid = pid
  }

  /** Undefined where it is not set. */
  find(name: string): string | undefined {
    for (let layer: Layer | null = this.#variables; layer; layer = layer.below) {
      const value = layer.own.get(name)
      if (value !== undefined || layer.own.has(name)) return value
    }
    return undefined
  }

  get(name: string): string {
    return this.find(name) ?? ''
  }

  set(name: string, value: string): void {
    this.#change(name, value)
  }

  unset(name: string): void {
    this.#change(name, undefined)
  }

  define(name: string, body: Node): void {
    if (this.#areFunctionsShared) this.functions = new Map(this.functions)
    this.#areFunctionsShared = false
    this.functions.set(name, body)
  }

  #change(name: string, value: string | undefined): void {
    if (this.#areVariablesShared) {
      const below = this.#variables
      this.#variables =
        below.depth < DEEPEST ? { own: new Map(), below, depth: below.depth + 1 } : flatten(below)
    }
    this.#areVariablesShared = false
    this.#variables.own.set(name, value)
  }

  fork(): ShellState {
    const copy = new ShellState(this.pid)
    copy.#variables = this.#variables
    copy.functions = this.functions
    for (const one of [this, copy]) {
      one.#areVariablesShared = true
      one.#areFunctionsShared = true
    }
    copy.positional = [...this.positional]
    copy.status = this.status
    copy.lastBackground = this.lastBackground
    copy.noClobber = this.noClobber
    copy.noGlob = this.noGlob
    return copy
  }
}
