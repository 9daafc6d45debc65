/** A shell script as a tree. Only what POSIX defines and the engine's scripts use. */

export type Part =
  | { readonly is: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly is: 'parameter'
      readonly name: string
      readonly quoted: boolean
      /** What is done with the value: `:-`, `-`, `:+`, `+`, `%`, `%%`, `#`, `##`, or its length. */
      readonly does: string
      readonly argument: Word
    }
  | { readonly is: 'command'; readonly list: List; readonly quoted: boolean }
  | { readonly is: 'arithmetic'; readonly expression: Word; readonly quoted: boolean }

export type Word = readonly Part[]

export type Redirection = {
  readonly fd: number
  readonly does: '<' | '>' | '<>' | '>>' | '<&' | '>&'
  readonly target: Word
}

export type Assignment = { readonly name: string; readonly value: Word }

export type Node =
  | {
      readonly is: 'simple'
      /** A command must run before its words are known. */
      readonly runs: boolean
      readonly assignments: readonly Assignment[]
      readonly words: readonly Word[]
      readonly redirections: readonly Redirection[]
    }
  | { readonly is: 'group' | 'subshell'; readonly list: List; readonly redirections: Redirections }
  | {
      readonly is: 'if'
      readonly branches: readonly { readonly condition: List; readonly list: List }[]
      readonly otherwise: List
      readonly redirections: Redirections
    }
  | {
      readonly is: 'for'
      readonly name: string
      /** Null: the positional parameters. */
      readonly words: readonly Word[] | null
      readonly list: List
      readonly redirections: Redirections
    }
  | {
      readonly is: 'while'
      readonly until: boolean
      readonly condition: List
      readonly list: List
      readonly redirections: Redirections
    }
  | {
      readonly is: 'case'
      /** A command must run before its word and its patterns are known. */
      readonly runs: boolean
      readonly word: Word
      readonly items: readonly { readonly patterns: readonly Word[]; readonly list: List }[]
      readonly redirections: Redirections
    }
  /** What cannot be run: a quote or a command that does not end. */
  | { readonly is: 'fault'; readonly why: string }
  | { readonly is: 'function'; readonly name: string; readonly body: Node }

export type Redirections = readonly Redirection[]
export type Pipeline = { readonly negated: boolean; readonly nodes: readonly Node[] }
export type Step = {
  readonly first: Pipeline
  readonly rest: readonly { readonly and: boolean; readonly pipeline: Pipeline }[]
  readonly background: boolean
}
export type List = readonly Step[]
