import type {
  OperationReference,
  ReferenceOption,
  ReferenceOptions,
} from '../../lib/adhoc/reference.ts'

/** What the page begins with. */
const head = `# Operations

Written by \`npx zx scripts/docs.ts\` from the docstrings in lib/operations; \`npm run check\` fails where it is older than they are.

An operation is one thing that should be true of a host. Each is a function from what is wanted to a plain value (or a list of them), which a playbook or
a role lists; the call itself does nothing. Bad options are an error at once, before any connection. Most take a second argument, \`{ tags: ['…'] }\`.
The first word is the module: \`import { apt } from '../lib/operations/apt.ts'\` for \`apt.packages\`.
A \`Path\` is absolute, on the host. A \`Secret\` is never shown.
`

/** The page docs/operations.md. The same references give the same text. */
export const page = (references: readonly OperationReference[]): string =>
  [
    head,
    ['| operation | what is true afterwards |', '|---|---|', ...references.map(line)].join('\n'),
    '',
    ...references.map(r => section(r, references)),
  ].join('\n')

const line = ({ name, doc }: OperationReference): string =>
  `| [\`${name}\`](#${anchor(name)}) | ${cell(firstSentence(doc))} |`

const section = (reference: OperationReference, all: readonly OperationReference[]): string => {
  const { name, doc, examples, file, options, named } = reference
  const parts = named.flatMap(({ name: type, doc, options }) => {
    const same = all.find(other => other.want === type)
    return same
      ? [`\`${type}\`: the options of [${same.name}](#${anchor(same.name)}).`]
      : [[`\`${type}\``, doc].filter(Boolean).join(': '), table(options)]
  })
  return [
    `## ${name}`,
    doc,
    ...examples.map(code),
    `[${file}](../${file})`,
    table(options),
    ...parts,
  ]
    .map(text => `${text}\n`)
    .join('\n')
}

const code = (text: string): string =>
  text.includes('```') ? text : `\`\`\`ts\n${text.trim()}\n\`\`\``

const table = (options: ReferenceOptions): string => {
  const { all, forms } = options
  const sorted = [...all].sort((a, b) => Number(b.required) - Number(a.required))
  const rows = sorted.map(option => row(option, forms.flat().includes(option.name)))
  return rows.length > 0
    ? ['| option | type | default | |', '|---|---|---|---|', ...rows, ...exclusions(options)].join(
        '\n',
      )
    : 'No options.'
}

const row = ({ name, type, doc, required }: ReferenceOption, ofForm: boolean): string => {
  const [rest, byDefault] = withoutDefault(doc)
  return `| \`${name}\` | ${cell(quoted(type))} | ${required ? (ofForm ? 'see below' : 'required') : cell(byDefault)} | ${cell(required ? doc : rest)} |`
}

/** A docstring without the sentence that tells the default, and that sentence's content. */
export const withoutDefault = (doc: string): [rest: string, byDefault: string] => {
  const match = /(?:^|(?<=\. ))Default:? (.+?)\.(?: |$)/.exec(doc)
  return match
    ? [
        (doc.slice(0, match.index) + doc.slice(match.index + match[0].length)).trim(),
        match[1] as string,
      ]
    : [doc, '']
}

/** Which options exclude each other. */
const exclusions = ({ forms }: ReferenceOptions): string[] => {
  if (forms.length === 0) return []
  const some = forms.flatMap(names =>
    names.length > 0 ? [names.map(name => `\`${name}\``).join(', ')] : [],
  )
  return [
    '',
    some.length === forms.length
      ? `Either ${some.join('; or ')}.`
      : `Either with ${some.join('; or ')}; or without.`,
  ]
}

const firstSentence = (doc: string): string => /^.*?\.(?= |$)/.exec(doc)?.[0] ?? doc
const quoted = (code: string): string => (code.includes('`') ? `\`\` ${code} \`\`` : `\`${code}\``)
const anchor = (name: string): string => name.toLowerCase().replace(/[^\w -]/g, '')
const cell = (text: string): string => text.replaceAll('|', '\\|')
