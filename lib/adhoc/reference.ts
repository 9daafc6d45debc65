/** One option of an operation, as its type declares it. */
export type ReferenceOption = {
  readonly name: string
  /** As it is written in the source. */
  readonly type: string
  /** Its docstring; empty where there is none. */
  readonly doc: string
  readonly required: boolean
}

/** What a type asks for. */
export type ReferenceOptions = {
  readonly all: readonly ReferenceOption[]
  /**
   * For a union: the options of each of its forms that not every form has. Empty where there is one
   * form.
   */
  readonly forms: readonly (readonly string[])[]
}

/** A type of options that an option names. */
export type NamedOptions = {
  readonly name: string
  readonly doc: string
  readonly options: ReferenceOptions
}

/** All that the reference says of one operation. */
export type OperationReference = {
  /** As a playbook calls it: `file`, `apt.packages`. */
  readonly name: string
  readonly doc: string
  readonly examples: readonly string[]
  /** Where it is declared, from the project's root. */
  readonly file: string
  /** The name of its options' type: another operation may name it. */
  readonly want: string
  readonly options: ReferenceOptions
  readonly named: readonly NamedOptions[]
}
