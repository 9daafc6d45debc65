import { isDeepStrictEqual } from 'node:util'
import type { Document } from 'yaml'
import { OptionError } from '../../errors/option-error.ts'
import { change, type Diff, type Difference, operation, Unknown } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import type { Validate } from '../file/edit.ts'
import { checkPath, type Path } from '../file/entry.ts'
import { diffNames } from '../file/lines.ts'
import { DocumentError, type Format, type Plain, toValue } from './document.ts'
import { describeSource, refuseTag } from './exact.ts'
import { makeNode } from './render.ts'
import { spliceValue } from './splice.ts'
import {
  formatValue,
  getValue,
  hasSecret,
  isMap,
  isSame,
  putValue,
  revealValue,
  type Value,
  type Values,
} from './values.ts'
import { printWhole, readWhole, rewriteFile } from './whole.ts'

export type Keys = Validate &
  KeyChange & {
    /** The file, absolute, on the host. It must exist, of 1 MiB at most. Symlinks are followed. */
    readonly path: Path
  }

export type KeyChange =
  | {
      /**
       * What the file holds, nested as in it: `{ server: { port: 80 } }`. Maps are merged key by
       * key; anything else, a list too, is replaced whole.
       */
      readonly values: Values
      /** `absent`: these `keys` are not in the file. Default present. */
      readonly state?: 'present'
      readonly keys?: never
    }
  | {
      readonly state: 'absent'
      /** Keys to remove; one below another as the path to it: `['version', ['server', 'tls']]`. */
      readonly keys: readonly (string | readonly string[])[]
      readonly values?: never
    }

/** One key as it should be; undefined: absent. */
type Wish = { readonly path: readonly string[]; readonly value: Value | undefined }
type Want = Validate & { readonly path: string; readonly wishes: readonly Wish[] }

/** A kind of operation on keys of files in one format. */
export const defineKeys = (kind: string, format: Format) => {
  return operation(kind, {
    want: (want: Keys): Want => {
      const wishes: readonly Wish[] =
        want.state === 'absent'
          ? want.keys.map(key => ({ path: [key].flat(), value: undefined }))
          : listWishes(want.values)
      if (wishes.length === 0 || wishes.some(({ path }) => path.length === 0))
        throw new OptionError({ message: 'at least one key is expected' })
      return {
        path: checkPath(want.path),
        wishes,
        ...(want.validate ? { validate: want.validate } : {}),
      }
    },
    name: ({ path, wishes }) => `${path} ${wishes.map(wish => wish.path.join('.')).join(', ')}`,
    paths: ({ path }) => [path],
    probe: ({ path }) => printWhole(path),
    read: readWhole,
    plan: ({ text: now, names }, { path, wishes, validate }) => {
      const after = applyWishes(now, wishes, format)
      if (after instanceof Unknown) return new Unknown(`${path}: ${after.why}`)
      const text = wishes.some(({ value }) => hasSecret(value))
        ? new Secret(after.text, `in ${path}`)
        : after.text
      const { apply, stdin } = rewriteFile(path, now, text, Buffer.byteLength(after.text), validate)
      return change(
        after.diff.length === 0 ? [] : [...after.diff, ...diffNames(names)],
        apply,
        stdin === undefined ? {} : { stdin },
      )
    },
  })
}

const listWishes = (values: Values, above: readonly string[] = []): Wish[] =>
  Object.entries(values).flatMap(([key, value]) => {
    const path = [...above, key]
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new OptionError({
        message: `values: ${path.join('.')}: ${value} cannot be written to a file`,
      })
    refuseRounded(value, path)
    return isMap(value) && Object.keys(value).length > 0
      ? listWishes(value, path)
      : [{ path, value }]
  })

/** A whole number beyond 2^53 is rounded before anybody sees it. */
const refuseRounded = (value: unknown, path: readonly string[]): void => {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new OptionError({
      message: `values: ${path.join('.')}: ${value} is rounded, as every number beyond 2^53`,
      next: 'edit this line with line or replace',
    })
  if (typeof value !== 'object' || value === null || value instanceof Secret) return
  for (const [key, inner] of Object.entries(value)) refuseRounded(inner, [...path, key])
}

/** The text with every key set, and the differences; or why it cannot be done. */
const applyWishes = (
  before: string,
  wishes: readonly Wish[],
  format: Format,
): { text: string; diff: Diff } | Unknown => {
  try {
    let text = before
    const diff: Difference[] = []
    for (const { path, value } of wishes) {
      const plain = revealValue(value)
      const now = readKey(text, path, format)
      if (now.every(one => isSame(one, plain))) continue
      const set = setKey(text, path, plain, format)
      text = set.text
      diff.push({
        key: path.join('.'),
        before: hasSecret(value) && now[0] !== undefined ? '(other value)' : formatReadings(now),
        after: formatValue(value),
      })
      if (set.anew) diff.push({ key: 'layout', before: 'as written', after: 'written anew' })
    }
    return { text, diff }
  } catch (error) {
    return new Unknown(error instanceof Error ? error.message : String(error))
  }
}

/** The value of a key by each way to read the file. */
const readKey = (text: string, path: readonly string[], format: Format): readonly unknown[] =>
  format.read(text).map(root => getValue(root, path))

const formatReadings = ([now, older]: readonly unknown[]): string | null => {
  const [text, other] = [formatValue(now), formatValue(older)]
  return older === undefined || other === text
    ? text
    : `${text ?? 'absent'} (${other} to readers of YAML 1.1)`
}

/**
 * The text with one key set by cutting and pasting. If the result does not have the wanted meaning,
 * the whole text is written anew.
 */
const setKey = (
  text: string,
  path: readonly string[],
  value: Plain | undefined,
  format: Format,
): { text: string; anew: boolean } => {
  const document = format.parse(text)
  refuseTag(document, path)
  const isRight = checkMeaning(document, path, value, format)
  const pasted = spliceValue(text, document, path, value)
  if (pasted !== null && isRight(pasted)) return { text: pasted, anew: false }
  const was = format.whole?.(document)
  if (value === undefined) document.deleteIn(path)
  else document.setIn(path, makeNode(document, value))
  const written = format.whole?.(document)
  if (written !== undefined && isRight(written)) return { text: written, anew: was !== text }
  throw new DocumentError(
    `${path.join('.')} cannot be set without harm to what is around it: edit it by hand`,
  )
}

/**
 * Whether a text is the document with this one value changed: every reader finds the value, and all
 * else is written as it was.
 */
const checkMeaning = (
  document: Document,
  path: readonly string[],
  value: Plain | undefined,
  format: Format,
): ((text: string) => boolean) => {
  const wanted = putValue(toValue(document), path, value)
  const place = value === undefined ? undefined : 'the value'
  const around = putValue(describeSource(document), path, place)
  return text => {
    try {
      const fresh = format.parse(text)
      return (
        isDeepStrictEqual(toValue(fresh), wanted) &&
        isDeepStrictEqual(putValue(describeSource(fresh), path, place), around) &&
        readKey(text, path, format).every(one => isSame(one, value))
      )
    } catch {
      return false
    }
  }
}
