/**
 * What a value of an option may be. scripts/docs.ts reads it from the types, and options.json holds
 * it: a running playbook checks values by it.
 */
export type ValueType =
  | Plain
  /** One of these. */
  | { readonly is: readonly (string | number | boolean)[] }
  /** A whole number, or any with `fraction`; from and to these. Null: without a limit. */
  | { readonly number: readonly [number | null, number | null]; readonly fraction?: true }
  /** A text in a form that lib/operation/text-forms.ts knows. */
  | { readonly form: string }
  /** A text that matches; `like` is how a person reads that. */
  | { readonly like: string; readonly match: string }
  | ListType
  /** Values by names. */
  | { readonly map: ValueType }
  | OptionsType
  | { readonly either: readonly ValueType[] }
  /** A type of the table `types`. */
  | { readonly type: string }

/** A value that its JavaScript type or its class says all about. */
export type Plain =
  | 'any'
  | 'text'
  | 'number'
  | 'boolean'
  | 'null'
  | 'function'
  | 'operation'
  | 'operation with paths'
  | 'Secret'
  | 'Sh'
  | 'Deferred'
  | 'Buffer'
  | 'Date'
  | 'RegExp'
  | 'URL'

/** A list: its first elements if they differ from the others, and how long it is. */
export type ListType = {
  readonly list: ValueType
  readonly first?: readonly ValueType[]
  readonly least?: number
  readonly most?: number
}

/** Named options. The name of one that may be left out ends in a question mark. */
export type OptionsType = {
  readonly options: Readonly<Record<string, ValueType>>
  /** Options of other forms that exclude this one. */
  readonly not?: readonly string[]
}

/** What lib/operations/options.json holds. */
export type KnownValues = {
  /** Types that several options have. */
  readonly types: Readonly<Record<string, ValueType>>
  /** The options of each operation. */
  readonly operations: Readonly<Record<string, ValueType>>
  /** The options of each call of a run that takes some. */
  readonly calls: Readonly<Record<string, ValueType>>
}

/** What the options.json of a folder with roles holds. */
export type KnownRoles = {
  readonly types: KnownValues['types']
  /** The options of each role. */
  readonly roles: Readonly<Record<string, ValueType>>
}
