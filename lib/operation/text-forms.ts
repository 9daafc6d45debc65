/** The forms of texts that options.json names, each with what it matches and how that is said. */
export type TextForm = {
  readonly match: RegExp
  /** What a text that does not match is not. */
  readonly noun: string
  /** What the value is. */
  readonly says: string
  /** What to write instead. */
  readonly write: string
}

export const textForms: Readonly<Record<string, TextForm>> = {
  /** Something that a person or a system calls by it. */
  name: {
    match: /^[^\x00-\x1f\x7f]+$/,
    noun: 'a name',
    says: 'text of one line',
    write: 'write one line of text, not empty',
  },
  /** One word of `--tags`, which are separated by commas. */
  tag: { match: /^[^\s,]+$/, noun: 'a tag', says: 'a word', write: 'write a word without commas' },
  /** Permission bits. */
  mode: {
    match: /^0?[0-7]{3,4}$/,
    noun: 'a mode',
    says: "text in octal, such as '644'",
    write: "write it in octal, such as '644'",
  },
}
