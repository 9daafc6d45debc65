import { readFileSync } from 'node:fs'
import type { CommonFlags } from '../../cli/flags.ts'
import { InputError, type Problem } from '../../errors/input-error.ts'
import type { Fingerprint } from './fingerprint.ts'

/** Flags that do not change what is planned: how it is shown, how fast it goes, what is allowed. */
const aside = new Set([
  ...['check', 'diff', 'verbose', 'json', 'forks', 'serial', 'max-fail', 'step', 'yes'],
  ...['exit-code', 'ask-become-pass', 'allow-disruption', 'plan', 'plan-out', 'inventory', 'help'],
])
/** Flags whose values hold nothing that must not be seen. */
const plain = new Set(['lab', 'limit', 'tags', 'skip-tags', 'start-at'])

export type Given = {
  readonly flags: CommonFlags
  readonly words: readonly string[]
  /** Path of hosts.yaml. */
  readonly inventory: string
  /** The lab that is played on, as text; null without a lab. */
  readonly lab: string | null
}

/** What goes into a plan besides the hosts, by name. */
export const collectInputs = (
  { flags, words, inventory, lab }: Given,
  fingerprint: Fingerprint,
): Record<string, string> => {
  const given = Object.entries(flags).filter(([name]) => !aside.has(name) && name !== 'extra-vars')
  return {
    'hosts.yaml': fingerprint('inventory', readFileSync(inventory, 'utf8')),
    ...(lab === null ? {} : { 'the lab': fingerprint('lab', lab) }),
    ...Object.fromEntries(
      given.map(([name, value]) => [
        `--${name}`,
        plain.has(name) ? String(value) : fingerprint(name, JSON.stringify(value)),
      ]),
    ),
    ...(flags['extra-vars']
      ? {
          '--extra-vars': fingerprint(
            'vars',
            JSON.stringify(flags['extra-vars'].map(readContents)),
          ),
        }
      : {}),
    ...(words.length > 0 ? { 'the words': fingerprint('words', JSON.stringify(words)) } : {}),
  }
}

/** What is not as it was when the plan was made, as an InputError; nothing where all of it is. */
export const refuseChangedInputs = (
  file: string,
  before: Record<string, string>,
  now: Record<string, string>,
): void => {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    name => before[name] !== now[name],
  )
  const problems = names.map(
    (name): Problem => ({
      place: `--plan ${file}`,
      message: describeChange(name, before[name], now[name]),
    }),
  )
  if (problems.length > 0)
    throw new InputError([
      ...problems.slice(0, -1),
      {
        ...problems.at(-1)!,
        next: 'Run the command that the plan was made with, or make a new plan.',
      },
    ])
}

const describeChange = (
  name: string,
  before: string | undefined,
  now: string | undefined,
): string => {
  if (!plain.has(name.slice(2)))
    return before === undefined
      ? `it was made without ${name}`
      : `${name} ${now === undefined ? 'is left out' : 'is another now'}`
  const shown = (value: string | undefined): string =>
    value === undefined ? `without ${name}` : `with ${name} ${value}`
  return `it was made ${shown(before)}, this run is ${shown(now)}`
}

/** `@file` by what it holds. A file that is not there was told of before. */
const readContents = (text: string): string =>
  text.startsWith('@') ? `${text}\n${readFileSync(text.slice(1), 'utf8')}` : text
