/** Mutants of the shell and awk programs of a module, which TypeScript sees as texts only. */
import { parse } from '@babel/parser'

/** A small fault in a program: what is at an offset of the module's source, and what instead. */
export type TextMutant = {
  readonly id: string
  readonly start: number
  readonly original: string
  readonly replacement: string
}

/** What a fault replaces, and by what. The first that matches at a place is taken. */
const FAULTS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/(?<=\s)&&(?=\s)/y, '||'],
  [/(?<=\s)\|\|(?=\s)/y, '&&'],
  [/==/y, '!='],
  [/!=/y, '=='],
  [/(?<=\[ [^\]\n]*\s)=(?=\s[^\]\n]*\])/y, '!='],
  [/(?<=\s)>=(?=\s)/y, '>'],
  [/(?<=\s)<=(?=\s)/y, '<'],
  [/(?<=[\w\])] )<(?= [\w(])/y, '<='],
  [/(?<=[\w\])] )>(?= [\w(])/y, '>='],
  [/-gt(?=\s)/y, '-ge'],
  [/-ge(?=\s)/y, '-gt'],
  [/-lt(?=\s)/y, '-le'],
  [/-le(?=\s)/y, '-lt'],
  [/-eq(?=\s)/y, '-ne'],
  [/-ne(?=\s)/y, '-eq'],
  [/(?<=\[ )-n(?=\s)/y, '-z'],
  [/(?<=\[ )-z(?=\s)/y, '-n'],
  [/(?<=\[ )-e(?=\s)/y, '! -e'],
  [/(?<=[\s(])! /y, ''],
  [/(?<=[\s(])!(?=\w)/y, ''],
  [/(?<=if )\((?!\))/y, '(!'],
  [/\+\+/y, '--'],
  [/(?<=\w )\+(?= \w)/y, '-'],
  [/(?<=\w )-(?= \w)/y, '+'],
  [/(?<=(?:return|exit) )0\b/y, '1'],
  [/(?<=(?:return|exit) )1\b/y, '0'],
  [/\bcontinue\b/y, 'break'],
  [/\bbreak\b/y, 'continue'],
  [/\bnext\b/y, ''],
  [/(?<=[\w)\]"] (?:>=|<=|==|<|>|-gt|-ge|-lt|-le) )\d+\b/y, '99999'],
]

type Tree = { readonly type: string; readonly start?: number | null; readonly end?: number | null }

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && 'type' in value

/** The texts of a module's templates: the parts between `${…}`, by their offsets. */
const listTexts = (source: string): readonly (readonly [start: number, end: number])[] => {
  const visit = (node: Tree): readonly (readonly [number, number])[] => {
    const [start, end] = [node.start ?? 0, node.end ?? 0]
    return node.type === 'TemplateElement' && source.slice(start, end).includes('\n')
      ? [[start, end]]
      : (Object.values(node) as unknown[]).flat().filter(isTree).flatMap(visit)
  }
  return visit(parse(source, { sourceType: 'module', plugins: ['typescript'] }).program)
}

const isComment = (source: string, at: number): boolean => {
  const line = source.slice(source.lastIndexOf('\n', at - 1) + 1, at)
  return /(^|\s)#\s/.test(line)
}

/** Lists the mutants of the programs of a module, in the order of their places. */
export const listTextMutants = (source: string): readonly TextMutant[] => {
  const mutants: TextMutant[] = []
  for (const [start, end] of listTexts(source))
    for (let at = start; at < end; at++) {
      if (isComment(source, at)) continue
      for (const [pattern, replacement] of FAULTS) {
        pattern.lastIndex = at
        const match = pattern.exec(source)?.[0]
        if (match === undefined || match === '' || at + match.length > end) continue
        mutants.push({ id: `text ${mutants.length}`, start: at, original: match, replacement })
        at += match.length - 1
        break
      }
    }
  return mutants
}

/** Puts a mutant into the source of its module. */
export const applyTextMutant = (
  source: string,
  { start, original, replacement }: TextMutant,
): string => source.slice(0, start) + replacement + source.slice(start + original.length)
