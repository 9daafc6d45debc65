// time limit: 200 s
import { runInNewContext } from 'node:vm'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readSources } from '../scripts/test/sources.ts'

const root = decodeURIComponent(new URL('..', import.meta.url).pathname)

type Found = { readonly place: string; readonly source: string; readonly flags: string }

/** A literal: behind a sign or a blank, before a dot, a sign or the end. */
const literal =
  /(?<=^|[\s(,=:[!&|?{};])\/((?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)(?=[\s.,;)\]:?]|$)/gm

/** Every regular expression of the product, once. */
const findExpressions = (): Found[] => {
  const found = new Map<string, Found>()
  for (const [path, text] of readSources(root)) {
    if (!/^(?:lib|roles|playbooks|scripts)\//.test(path)) continue
    for (const { 0: whole, 1: source = '', 2: flags = '', index } of text.matchAll(literal))
      if (isExpression(source, flags))
        found.set(whole, {
          place: `${path}:${text.slice(0, index).split('\n').length}`,
          source,
          flags,
        })
  }
  return [...found.values()]
}

/** False for a division, or a path in a comment. */
const isExpression = (source: string, flags: string): boolean => {
  try {
    new RegExp(source, flags)
    return true
  } catch {
    return false
  }
}

/** Characters that the expression treats differently, as far as its text shows. */
const pickAlphabet = (source: string): string[] => {
  const plain = source.replace(/\\[dwsSDWbB]|\(\?[:=!<]*|[\\^$.*+?()[\]{}|]/g, '')
  const special = [...'"/\\.-#*,=:\''].filter(c => source.includes(c))
  const classes = [
    ...(/\\s|\[ |\\t| /.test(source) ? [' ', '\t'] : []),
    ...(/\\n|\\s/.test(source) ? ['\n'] : []),
    ...(/\\d|0-9/.test(source) ? ['0'] : []),
    ...(/\\w|a-z|\\S|\./.test(source) ? ['a'] : []),
  ]
  return [...new Set([...classes, ...special, plain[0] ?? 'a'])].slice(0, 8)
}

/** Texts of one to three characters. */
const listUnits = (alphabet: readonly string[]): string[] => {
  const pairs = alphabet.flatMap(a => alphabet.map(b => a + b))
  return [...alphabet, ...pairs, ...pairs.flatMap(pair => alphabet.map(c => pair + c))]
}

/** Milliseconds in which one text of 2,100 characters is looked at, on the slowest machine. */
const MOST_TIME = 1500

/** Returns the first text that makes an expression backtrack for too long; null without one. */
const attack = ({ source, flags }: Pick<Found, 'source' | 'flags'>): string | null => {
  const alphabet = pickAlphabet(source)
  const ends = ['', '\0', '!', alphabet[0] ?? '']
  const texts = [28, 700].flatMap(times =>
    listUnits(alphabet).flatMap(unit => ends.map(end => unit.repeat(times) + end)),
  )
  const state = { at: 0, texts, expression: new RegExp(source, flags) }
  const isOver = (code: string): boolean => {
    try {
      runInNewContext(code, { state }, { timeout: MOST_TIME })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false
      throw error
    }
  }
  const one = 'state.expression.lastIndex = 0; state.expression.test(state.texts[state.at]);'
  // Many texts at a time; where that takes long, the one that it was at is looked at alone.
  while (!isOver(`for (; state.at < state.texts.length; state.at++) { ${one} }`)) {
    if (!isOver(one)) return texts[state.at] ?? ''
    state.at++
  }
  return null
}

test('nearly all of them are found', () => {
  const found = findExpressions()
  assert.ok(found.length > 350, `${found.length}`)
  for (const file of ['lib/operations/sysctl.ts', 'lib/inventory/refuse-ansible.ts'])
    assert.ok(
      found.some(({ place }) => place.startsWith(file)),
      file,
    )
})

test('no expression takes exponential or cubic time on a text of a user or a host', () => {
  const slow = findExpressions().flatMap(one => {
    const text = attack(one)
    return text === null ? [] : [`${one.place}: /${one.source}/ on ${text.slice(0, 20)}…`]
  })
  assert.equal(slow, [])
})

/** Expressions that were in this tree, or are like them. */
const planted: Record<string, RegExp> = {
  'the keys of sysctl': /^[a-z0-9_-]+([./][\w.@:-]+)+$/,
  'the options of a key': /^((?:"(?:\\"|[^"])*"|[^" \t])+)[ \t]+/,
  'comments before a comma': /^((?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*),/,
  'a repetition in a repetition': /^(a+)+$/,
}
for (const [name, { source, flags }] of Object.entries(planted))
  test(`found: ${name}`, () => assert.ok(attack({ source, flags })))

test.run()
