import { document, type Element, tag, texts, within } from './xml.ts'

/** Allows web pages to use the bucket from a browser. */
export type Cors = {
  /** Origins of the pages: `https://shop.example`, or `*`. */
  readonly origins: readonly string[]
  /** HTTP methods that they may use. */
  readonly methods: readonly ('GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD')[]
  /** Headers that they may send. Default none. */
  readonly headers?: readonly string[]
  /** Headers of the answer that they may read. Default none. */
  readonly exposed?: readonly string[]
  /** How long a browser may cache this rule, in seconds. Default: the browser's. */
  readonly seconds?: number
}

/** Removes objects after some days. */
export type Lifecycle = {
  /** The rule's name. */
  readonly id: string
  /** Applies to objects whose names begin with this. Default: all. */
  readonly prefix?: string
  /** Remove objects after this many days. Default: never. */
  readonly days?: number
  /** Remove replaced versions after this many days. Default: never. */
  readonly replacedDays?: number
  /** Remove unfinished uploads after this many days. Default: never. */
  readonly unfinishedDays?: number
}

/** Writes rules as text to compare, one rule per line. */
export const lines = (rules: readonly (Cors | Lifecycle)[]): string =>
  rules.map(rule => `${JSON.stringify(rule)}\n`).join('')

/** Writes equal rules as equal texts. */
export const corsText = (rules: readonly Cors[]): string =>
  lines(
    rules.map(({ origins, methods, headers = [], exposed = [], seconds }) => ({
      origins: origins.toSorted(),
      methods: methods.toSorted(),
      ...(headers.length > 0 ? { headers: headers.toSorted() } : {}),
      ...(exposed.length > 0 ? { exposed: exposed.toSorted() } : {}),
      ...(seconds === undefined ? {} : { seconds }),
    })),
  )

export const lifecycleText = (rules: readonly Lifecycle[]): string =>
  lines(
    rules
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, prefix = '', days, replacedDays, unfinishedDays, ...also }) => ({
        id,
        ...(prefix === '' ? {} : { prefix }),
        ...(days === undefined ? {} : { days }),
        ...(replacedDays === undefined ? {} : { replacedDays }),
        ...(unfinishedDays === undefined ? {} : { unfinishedDays }),
        // An unknown property still counts as a difference.
        ...also,
      })),
  )

export const corsDocument = (rules: readonly Cors[]): string =>
  document(
    'CORSConfiguration',
    rules.map(({ origins, methods, headers = [], exposed = [], seconds }) =>
      tag('CORSRule', [
        ...origins.map(origin => tag('AllowedOrigin', origin)),
        ...methods.map(method => tag('AllowedMethod', method)),
        ...headers.map(header => tag('AllowedHeader', header)),
        ...exposed.map(header => tag('ExposeHeader', header)),
        ...(seconds === undefined ? [] : [tag('MaxAgeSeconds', seconds)]),
      ]),
    ),
  )

export const lifecycleDocument = (rules: readonly Lifecycle[]): string =>
  document(
    'LifecycleConfiguration',
    rules.map(({ id, prefix = '', days, replacedDays, unfinishedDays }) =>
      tag('Rule', [
        tag('ID', id),
        tag('Filter', [tag('Prefix', prefix)]),
        tag('Status', 'Enabled'),
        ...(days === undefined ? [] : [tag('Expiration', [tag('Days', days)])]),
        ...(replacedDays === undefined
          ? []
          : [tag('NoncurrentVersionExpiration', [tag('NoncurrentDays', replacedDays)])]),
        ...(unfinishedDays === undefined
          ? []
          : [tag('AbortIncompleteMultipartUpload', [tag('DaysAfterInitiation', unfinishedDays)])]),
      ]),
    ),
  )

export const corsIn = (root: Element): readonly Cors[] =>
  within(root, 'CORSRule').map(rule => {
    const [seconds] = texts(rule, 'MaxAgeSeconds')
    return {
      origins: texts(rule, 'AllowedOrigin'),
      methods: texts(rule, 'AllowedMethod') as Cors['methods'],
      headers: texts(rule, 'AllowedHeader'),
      exposed: texts(rule, 'ExposeHeader'),
      ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
    }
  })

const known = [
  'ID',
  'Filter',
  'Prefix',
  'Status',
  'Expiration',
  'NoncurrentVersionExpiration',
  'AbortIncompleteMultipartUpload',
]

export const lifecycleIn = (root: Element): readonly Lifecycle[] =>
  within(root, 'Rule').map(rule => {
    const below = (name: string, inner: string, key: string) => {
      const [found] = within(rule, name).flatMap(element => texts(element, inner))
      return found === undefined ? {} : { [key]: Number(found) }
    }
    const also = rule.children.map(({ name }) => name).filter(name => !known.includes(name))
    const status = texts(rule, 'Status')[0]
    return {
      id: texts(rule, 'ID')[0] ?? '',
      prefix:
        [
          ...within(rule, 'Filter').flatMap(filter => texts(filter, 'Prefix')),
          ...texts(rule, 'Prefix'),
        ][0] ?? '',
      ...below('Expiration', 'Days', 'days'),
      ...below('NoncurrentVersionExpiration', 'NoncurrentDays', 'replacedDays'),
      ...below('AbortIncompleteMultipartUpload', 'DaysAfterInitiation', 'unfinishedDays'),
      ...(status === 'Enabled' ? {} : { status }),
      ...(also.length > 0 ? { also } : {}),
    }
  })
