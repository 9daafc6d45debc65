import { wrapText } from '../report/style.ts'
import { FLAGS, type Flag } from './flags.ts'

/** Characters of a line of --help, and of its column of names. */
const WIDTH = 100
const NAMES = 28

/** The --help of a playbook: its own flags first, then those that every playbook has. */
export const formatHelp = (
  script: string,
  about: string,
  own: Record<string, Flag>,
  words = '',
): string => {
  const mine = formatFlags(own)
  return [
    `npx zx ${script} [flags]${words === '' ? '' : ` ${words}`}`,
    ...(about ? ['', ...wrapText(about, WIDTH)] : []),
    ...(mine.length > 0 ? ['', ...mine] : []),
    '',
    ...formatFlags(FLAGS),
    '',
  ].join('\n')
}

/** The rows of a table of flags. */
export const formatFlags = (flags: Readonly<Record<string, Flag>>): string[] =>
  Object.entries(flags).flatMap(([name, { short, type, value = '…', help }]) =>
    formatRow(
      `${short ? `-${short}, ` : '    '}--${name}${type === 'string' ? ` ${value}` : ''}`,
      help,
    ),
  )

/** A name and its explanation, which continues below itself on lines of 100 characters. */
export const formatRow = (name: string, help: string): string[] => {
  const [first = '', ...rest] = wrapText(help, WIDTH - NAMES)
  const label = `  ${name}`
  return [
    ...(label.length < NAMES ? [label.padEnd(NAMES) + first] : [label, ' '.repeat(NAMES) + first]),
    ...rest.map(line => ' '.repeat(NAMES) + line),
  ]
}
