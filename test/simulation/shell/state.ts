import type { Node } from './syntax.ts'

/** What a shell knows; a subshell begins with a copy. */
export class ShellState {
  variables: Map<string, string> = new Map()
  functions: Map<string, Node> = new Map()
  /** The maps are those of another shell too: they are copied before the first change. */
  #isShared = false
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

  get(name: string): string {
    return this.variables.get(name) ?? ''
  }

  set(name: string, value: string): void {
    this.#own()
    this.variables.set(name, value)
  }

  unset(name: string): void {
    this.#own()
    this.variables.delete(name)
  }

  define(name: string, body: Node): void {
    this.#own()
    this.functions.set(name, body)
  }

  #own(): void {
    if (!this.#isShared) return
    this.#isShared = false
    this.variables = new Map(this.variables)
    this.functions = new Map(this.functions)
  }

  fork(): ShellState {
    const copy = new ShellState(this.pid)
    copy.variables = this.variables
    copy.functions = this.functions
    copy.#isShared = true
    this.#isShared = true
    copy.positional = [...this.positional]
    copy.status = this.status
    copy.lastBackground = this.lastBackground
    copy.noClobber = this.noClobber
    copy.noGlob = this.noGlob
    return copy
  }
}
