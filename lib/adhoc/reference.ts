/** One option of an operation, as its type declares it. */
export type ReferenceOption = {
  readonly name: string
  /** As written in the source. */
  readonly type: string
  /** Its docstring; empty if it has none. */
  readonly doc: string
  readonly required: boolean
}

/** The options of an operation. */
export type ReferenceOptions = {
  readonly all: readonly ReferenceOption[]
  /** For a union: the options of each form that other forms lack. Empty for a single form. */
  readonly forms: readonly (readonly string[])[]
}

/** A type that an option refers to. */
export type NamedOptions = {
  readonly name: string
  readonly doc: string
  readonly options: ReferenceOptions
}

/** What the reference knows about one operation. */
export type OperationReference = {
  /** Its name in playbooks: `file`, `apt.packages`. */
  readonly name: string
  readonly doc: string
  readonly examples: readonly string[]
  /** The file of its declaration, from the project's root. */
  readonly file: string
  /** The name of its options' type, which other operations may refer to. */
  readonly want: string
  readonly options: ReferenceOptions
  readonly named: readonly NamedOptions[]
}
