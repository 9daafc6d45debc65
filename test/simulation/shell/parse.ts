import { ModelGap } from './gap.ts'
import type {
  Assignment,
  List,
  Node,
  Part,
  Pipeline,
  Redirection,
  Redirections,
  Step,
  Word,
} from './syntax.ts'

/** The text is not a whole script: a quote or a compound command does not end. */
class SyntaxFault extends Error {}

const RESERVED = new Set([
  ...['if', 'then', 'else', 'elif', 'fi', 'do', 'done', 'case', 'esac', 'while', 'until', 'for'],
  ...['{', '}', '!', 'in'],
])
const ENDS = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'])
const known = new Map<string, List>()
/** Commands on lines of their own, by the first line: the library is in every round. */
const knownSteps = new Map<string, { readonly text: string; readonly step: Step }[]>()

/** Characters of the commands that are kept. */
const [LEAST, MOST] = [40, 4000]
/** Texts that are kept until all are forgotten. */
const KEPT = 3000

/**
 * Parses a script. A shell reads one command after another: where the text is cut off, those before
 * are run, and then the fault shows. Throws ModelGap for what is not known.
 */
export const parse = (text: string): List => {
  const before = known.get(text)
  if (before) return before
  const list = new Parser(text).script()
  if (known.size >= KEPT) known.clear()
  if (text.length < 2000) known.set(text, list)
  return list
}

class Parser {
  readonly #text: string
  #at = 0
  /** Command substitutions so far. */
  #commands = 0
  constructor(text: string) {
    this.#text = text
  }

  script(): List {
    const steps: Step[] = []
    try {
      this.#listInto(steps)
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error
      const first = { negated: false, nodes: [{ is: 'fault', why: error.message } as const] }
      return [...steps, { first, rest: [], background: false }]
    }
    this.#blank()
    if (this.#at < this.#text.length) this.#gap('this place')
    return steps
  }

  #gap(what: string): never {
    if (this.#at >= this.#text.length) throw new SyntaxFault('the script ends too early')
    throw new ModelGap(`${what} of a script: ${this.#text.slice(this.#at, this.#at + 60)}`)
  }

  /** Commands until a word that ends the list, a closing parenthesis, or `;;`. */
  #list(): List {
    const steps: Step[] = []
    this.#listInto(steps)
    return steps
  }

  #listInto(steps: Step[]): void {
    for (;;) {
      this.#lines()
      if (this.#isListEnd()) return
      const from = this.#at
      const before = this.#recall()
      if (before) {
        steps.push(before)
        continue
      }
      const first = this.#pipeline()
      const rest: { and: boolean; pipeline: Pipeline }[] = []
      for (;;) {
        this.#blank()
        const two = this.#text.substr(this.#at, 2)
        if (two !== '&&' && two !== '||') break
        this.#at += 2
        this.#lines()
        rest.push({ and: two === '&&', pipeline: this.#pipeline() })
      }
      this.#blank()
      const next = this.#text[this.#at]
      const background = next === '&'
      if (background || (next === ';' && this.#text[this.#at + 1] !== ';')) this.#at++
      const step = { first, rest, background }
      steps.push(step)
      if (next === '\n') this.#remember(from, step)
      if (!background && next !== ';' && next !== '\n' && !this.#isListEnd())
        this.#gap('what follows a command')
    }
  }

  /** The command that begins here, if the very same text was parsed before; it is passed over. */
  #recall(): Step | null {
    for (const { text, step } of knownSteps.get(this.#firstLine(this.#at)) ?? [])
      if (this.#text.startsWith(text, this.#at)) {
        this.#at += text.length - 1
        return step
      }
    return null
  }

  /** Keeps a command that ends here, before a newline: what follows cannot change it. */
  #remember(from: number, step: Step): void {
    const text = this.#text.slice(from, this.#at + 1)
    if (text.length < LEAST || text.length > MOST) return
    const line = this.#firstLine(from)
    if (knownSteps.size >= KEPT) knownSteps.clear()
    knownSteps.set(line, [...(knownSteps.get(line) ?? []), { text, step }])
  }

  #firstLine(from: number): string {
    return this.#text.slice(from, this.#text.indexOf('\n', from) + 1)
  }

  #isListEnd(): boolean {
    this.#blank()
    const next = this.#text[this.#at]
    if (next === undefined || next === ')' || this.#text.startsWith(';;', this.#at)) return true
    return ENDS.has(this.#peekWord())
  }

  #pipeline(): Pipeline {
    this.#blank()
    let negated = false
    while (this.#peekWord() === '!') {
      this.#at++
      negated = !negated
      this.#blank()
    }
    const nodes = [this.#command()]
    for (;;) {
      this.#blank()
      if (this.#text[this.#at] !== '|' || this.#text[this.#at + 1] === '|') break
      this.#at++
      this.#lines()
      nodes.push(this.#command())
    }
    return { negated, nodes }
  }

  #command(): Node {
    this.#blank()
    if (this.#text[this.#at] === '(') {
      this.#at++
      const list = this.#list()
      this.#expect(')')
      return { is: 'subshell', list, redirections: this.#redirections() }
    }
    const word = this.#peekWord()
    const named = /^[A-Za-z_]\w*/.exec(this.#text.slice(this.#at, this.#at + 64))?.[0]
    if (named && !RESERVED.has(named) && this.#text.startsWith('()', this.#at + named.length)) {
      this.#at += named.length + 2
      this.#lines()
      return { is: 'function', name: named, body: this.#command() }
    }
    switch (word) {
      case '{': {
        this.#at++
        const list = this.#list()
        this.#expectWord('}')
        return { is: 'group', list, redirections: this.#redirections() }
      }
      case 'if':
        return this.#if()
      case 'while':
      case 'until': {
        this.#at += 5
        const condition = this.#list()
        this.#expectWord('do')
        const list = this.#list()
        this.#expectWord('done')
        const redirections = this.#redirections()
        return { is: 'while', until: word === 'until', condition, list, redirections }
      }
      case 'for':
        return this.#for()
      case 'case':
        return this.#case()
      default:
        return this.#simple()
    }
  }

  #if(): Node {
    this.#at += 2
    const branches: { condition: List; list: List }[] = []
    let otherwise: List = []
    for (let more = true; more; ) {
      const condition = this.#list()
      this.#expectWord('then')
      branches.push({ condition, list: this.#list() })
      const word = this.#peekWord()
      this.#expectWord(word)
      more = word === 'elif'
      if (word !== 'else') continue
      otherwise = this.#list()
      this.#expectWord('fi')
    }
    return { is: 'if', branches, otherwise, redirections: this.#redirections() }
  }

  #for(): Node {
    this.#at += 3
    this.#blank()
    const name = this.#peekWord()
    this.#at += name.length
    this.#lines()
    let words: Word[] | null = null
    if (this.#peekWord() === 'in') {
      this.#at += 2
      words = []
      for (let word = this.#word(); word; word = this.#word()) words.push(word)
    }
    this.#blank()
    if (this.#text[this.#at] === ';') this.#at++
    this.#lines()
    this.#expectWord('do')
    const list = this.#list()
    this.#expectWord('done')
    return { is: 'for', name, words, list, redirections: this.#redirections() }
  }

  #case(): Node {
    this.#at += 4
    const before = this.#commands
    const word = this.#word() ?? this.#gap('a case')
    this.#lines()
    this.#expectWord('in')
    let runs = this.#commands > before
    const items: { patterns: Word[]; list: List }[] = []
    for (this.#lines(); this.#peekWord() !== 'esac'; this.#lines()) {
      if (this.#text[this.#at] === '(') this.#at++
      const patterns: Word[] = []
      const before = this.#commands
      do {
        if (this.#text[this.#at] === '|') this.#at++
        patterns.push(this.#word() ?? this.#gap('a pattern'))
        this.#blank()
      } while (this.#text[this.#at] === '|')
      runs ||= this.#commands > before
      this.#expect(')')
      items.push({ patterns, list: this.#list() })
      if (this.#text.startsWith(';;', this.#at)) this.#at += 2
    }
    this.#expectWord('esac')
    return { is: 'case', runs, word, items, redirections: this.#redirections() }
  }

  #simple(): Node {
    const assignments: Assignment[] = []
    const words: Word[] = []
    const redirections: Redirection[] = []
    const before = this.#commands
    for (;;) {
      this.#blank()
      const redirection = this.#redirection()
      if (redirection) {
        redirections.push(redirection)
        continue
      }
      const assigned =
        words.length === 0
          ? /^([A-Za-z_]\w*)=/.exec(this.#text.slice(this.#at, this.#at + 80))
          : null
      if (assigned) {
        this.#at += assigned[0].length
        assignments.push({ name: assigned[1] as string, value: this.#parts() })
        continue
      }
      const word = this.#word()
      if (!word) break
      words.push(word)
    }
    if (assignments.length + words.length + redirections.length === 0) {
      if (this.#at >= this.#text.length) throw new SyntaxFault('the script ends too early')
      this.#gap('a command')
    }
    const runs = this.#commands > before
    return { is: 'simple', runs, assignments, words, redirections }
  }

  #redirections(): Redirections {
    const all: Redirection[] = []
    for (;;) {
      this.#blank()
      const one = this.#redirection()
      if (!one) return all
      all.push(one)
    }
  }

  #redirection(): Redirection | null {
    const found = /^(\d*)(>>|<&|>&|<<|>\||<>|<|>)/.exec(this.#text.slice(this.#at, this.#at + 6))
    if (!found) return null
    const [whole, number, does] = found as unknown as [string, string, Redirection['does']]
    if (!['<', '>', '<>', '>>', '<&', '>&'].includes(does)) this.#gap('a redirection')
    this.#at += whole.length
    this.#blank()
    const target = this.#word() ?? this.#gap('a redirection')
    return { fd: number ? Number(number) : does.startsWith('<') ? 0 : 1, does, target }
  }

  /** One word; null where none begins here. */
  #word(): Word | null {
    this.#blank()
    const from = this.#at
    const parts = this.#parts()
    return this.#at === from ? null : parts
  }

  #parts(): Part[] {
    const parts: Part[] = []
    for (;;) {
      const next = this.#text[this.#at]
      if (next === undefined || ' \t\n;&|<>()'.includes(next)) break
      this.#part(parts, false, '')
    }
    return parts
  }

  /** The next part of a word. Inside `${…}`, `end` is the character that ends it. */
  #part(parts: Part[], quoted: boolean, end: string): void {
    const next = this.#text[this.#at] ?? ''
    if (next === "'" && !quoted) {
      const close = this.#text.indexOf("'", this.#at + 1)
      if (close < 0) throw new SyntaxFault('a quote does not end')
      parts.push({ is: 'text', text: this.#text.slice(this.#at + 1, close), quoted: true })
      this.#at = close + 1
    } else if (next === '"' && !quoted) {
      this.#at++
      if (this.#text[this.#at] === '"') parts.push({ is: 'text', text: '', quoted: true })
      while (this.#text[this.#at] !== '"') {
        if (this.#at >= this.#text.length) throw new SyntaxFault('a quote does not end')
        this.#part(parts, true, '"')
      }
      this.#at++
    } else if (next === '\\') {
      const after = this.#text[this.#at + 1] ?? ''
      this.#at += 2
      if (after === '\n') return
      const literal = quoted && !'$`"\\'.includes(after)
      parts.push({ is: 'text', text: literal ? `\\${after}` : after, quoted: true })
    } else if (next === '$') this.#dollar(parts, quoted)
    else if (next === '`') this.#gap('backticks')
    else {
      const from = this.#at
      const stops = quoted ? '"\\$`' : ' \t\n;&|<>()\'"\\$`'
      do this.#at++
      while (
        this.#at < this.#text.length &&
        !stops.includes(this.#text[this.#at] as string) &&
        (end === '' || this.#text[this.#at] !== end)
      )
      parts.push({ is: 'text', text: this.#text.slice(from, this.#at), quoted })
    }
  }

  #dollar(parts: Part[], quoted: boolean): void {
    const rest = this.#text.slice(this.#at, this.#at + 80)
    if (rest.startsWith('$((')) {
      this.#at += 3
      const expression: Part[] = []
      let depth = 0
      while (depth > 0 || !this.#text.startsWith('))', this.#at)) {
        const next = this.#text[this.#at]
        if (next === undefined) throw new SyntaxFault('an expression does not end')
        if (next === '(' || next === ')' || ' <>&|'.includes(next)) {
          depth += next === '(' ? 1 : next === ')' ? -1 : 0
          expression.push({ is: 'text', text: next, quoted: true })
          this.#at++
        } else this.#part(expression, false, '')
      }
      this.#at += 2
      parts.push({ is: 'arithmetic', expression, quoted })
      return
    }
    if (rest.startsWith('$(')) {
      this.#commands++
      this.#at += 2
      const list = this.#list()
      this.#expect(')')
      parts.push({ is: 'command', list, quoted })
      return
    }
    if (rest.startsWith('${')) {
      this.#brace(parts, quoted)
      return
    }
    const name = /^\$([A-Za-z_]\w*|[0-9@*#?$!-])/.exec(rest)?.[1]
    if (name === undefined) {
      parts.push({ is: 'text', text: '$', quoted: true })
      this.#at++
      return
    }
    this.#at += name.length + 1
    parts.push({ is: 'parameter', name, quoted, does: '', argument: [] })
  }

  #brace(parts: Part[], quoted: boolean): void {
    const found = /^\$\{(#?)([A-Za-z_]\w*|[0-9@*#?$!]+)(:[-+=?]|[-+=?]|%%?|##?)?/.exec(
      this.#text.slice(this.#at, this.#at + 80),
    )
    if (!found) this.#gap('a parameter')
    const [whole, length, name = '', does = ''] = found
    this.#at += whole.length
    const argument: Part[] = []
    while (this.#text[this.#at] !== '}') {
      const next = this.#text[this.#at]
      if (next === undefined) throw new SyntaxFault('a parameter does not end')
      if (' \t\n;&|<>()'.includes(next)) {
        argument.push({ is: 'text', text: next, quoted: false })
        this.#at++
      } else this.#part(argument, false, '}')
    }
    this.#at++
    parts.push({ is: 'parameter', name, quoted, does: length ? 'length' : does, argument })
  }

  /** Skips blanks, comments and continued lines. */
  #blank(): void {
    for (;;) {
      const next = this.#text[this.#at]
      if (next === ' ' || next === '\t') this.#at++
      else if (next === '\\' && this.#text[this.#at + 1] === '\n') this.#at += 2
      else if (next === '#') {
        const end = this.#text.indexOf('\n', this.#at)
        this.#at = end < 0 ? this.#text.length : end
      } else return
    }
  }

  #lines(): void {
    for (this.#blank(); this.#text[this.#at] === '\n'; this.#blank()) this.#at++
  }

  #peekWord(): string {
    const next = this.#text[this.#at]
    if (next === '{' || next === '}' || next === '!')
      return /[\s;&|<>()]|$/.test(this.#text[this.#at + 1] ?? ' ') ? next : ''
    return (
      /^[A-Za-z_]\w*(?=[\s;&|<>()]|$)/.exec(this.#text.slice(this.#at, this.#at + 40))?.[0] ?? ''
    )
  }

  #expect(character: string): void {
    this.#lines()
    if (this.#text[this.#at] !== character) {
      if (this.#at >= this.#text.length) throw new SyntaxFault(`${character} is missing`)
      this.#gap(`a place where ${character} is expected`)
    }
    this.#at++
  }

  #expectWord(word: string): void {
    this.#lines()
    if (this.#peekWord() !== word || word === '') {
      if (this.#at >= this.#text.length) throw new SyntaxFault(`${word} is missing`)
      this.#gap(`a place where "${word}" is expected`)
    }
    this.#at += word.length
  }
}
