import type {
  OperationReference,
  ReferenceOption,
  ReferenceOptions,
} from '../../lib/adhoc/reference.ts'

/** The beginning of the page. */
const head = `# Operations

\`npx zx scripts/docs.ts\` writes this page from the docstrings in lib/operations. \`npm run check\`
fails if the page is out of date.

An operation describes one thing that should be true of a host. Call it with options and list the
result in a playbook or a role: the call itself changes nothing. A bad option is an error before the
run connects to any host; so is a value that its type does not have, or a number out of its range.
Every operation takes a second argument, \`{ tags: ['…'] }\`.

The first word of a name is its module: \`import { apt } from '../lib/operations/apt.ts'\` provides
\`apt.packages\`. A \`Path\` is an absolute path on the host. A \`Secret\` is never printed.
`

/** Renders docs/operations.md. The same references give the same text. */
export const renderPage = (references: readonly OperationReference[]): string =>
  [
    head,
    ['| operation | result |', '|---|---|', ...references.map(renderLine)].join('\n'),
    '',
    ...references.map(r => renderSection(r, references)),
  ].join('\n')

const renderLine = ({ name, doc }: OperationReference): string =>
  `| [\`${name}\`](#${makeAnchor(name)}) | ${escapeCell(findFirstSentence(doc))} |`

const renderSection = (
  reference: OperationReference,
  all: readonly OperationReference[],
): string => {
  const { name, doc, examples, file, options, named } = reference
  const parts = named.flatMap(({ name: type, doc, options }) => {
    const same = all.find(other => other.want === type)
    return same
      ? [`\`${type}\`: the options of [${same.name}](#${makeAnchor(same.name)}).`]
      : [[`\`${type}\``, doc].filter(Boolean).join(': '), renderTable(options)]
  })
  return [
    `## ${name}`,
    doc,
    ...examples.map(renderCode),
    `[${file}](../${file})`,
    renderTable(options),
    ...parts,
  ]
    .map(text => `${text}\n`)
    .join('\n')
}

const renderCode = (text: string): string =>
  text.includes('```') ? text : `\`\`\`ts\n${text.trim()}\n\`\`\``

const renderTable = (options: ReferenceOptions): string => {
  const { all, forms } = options
  const sorted = [...all].sort((a, b) => Number(b.required) - Number(a.required))
  const rows = sorted.map(option => renderRow(option, forms.flat().includes(option.name)))
  return rows.length > 0
    ? [
        '| option | type | default | |',
        '|---|---|---|---|',
        ...rows,
        ...renderExclusions(options),
      ].join('\n')
    : 'No options.'
}

const renderRow = ({ name, type, doc, required }: ReferenceOption, ofForm: boolean): string => {
  const [rest, byDefault] = splitDefault(doc)
  const standard = required ? (ofForm ? 'see below' : 'required') : escapeCell(byDefault)
  const cells = [`\`${name}\``, escapeCell(quoteCode(type)), standard]
  return `| ${[...cells, escapeCell(required ? doc : rest)].join(' | ')} |`
}

/** Splits a docstring into its text and the default that one of its sentences gives. */
export const splitDefault = (doc: string): [rest: string, byDefault: string] => {
  const match = /(?:^|(?<=\. ))Default:? (.+?)\.(?: |$)/.exec(doc)
  return match
    ? [
        (doc.slice(0, match.index) + doc.slice(match.index + match[0].length)).trim(),
        match[1] as string,
      ]
    : [doc, '']
}

/** The sentence that says which options exclude each other. */
const renderExclusions = ({ forms }: ReferenceOptions): string[] => {
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

const findFirstSentence = (doc: string): string => /^.*?\.(?= |$)/.exec(doc)?.[0] ?? doc
const quoteCode = (code: string): string =>
  code.includes('`') ? `\`\` ${code} \`\`` : `\`${code}\``
const makeAnchor = (name: string): string => name.toLowerCase().replace(/[^\w -]/g, '')
/** Escapes a text for a cell of a table. */
export const escapeCell = (text: string): string => text.replaceAll('|', '\\|')
