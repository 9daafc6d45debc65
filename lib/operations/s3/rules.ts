import { document, type Element, tag, texts, within } from './xml.ts'

/** Which web pages may use the bucket from a browser. */
export type Cors = {
  /** Where the pages are from: `https://shop.example`, or `*`. */
  readonly origins: readonly string[]
  /** What they may do. */
  readonly methods: readonly ('GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD')[]
  /** Headers that they may send. Default none. */
  readonly headers?: readonly string[]
  /** Headers of the answer that they may read. Default none. */
  readonly exposed?: readonly string[]
  /** For how long a browser may remember it, in seconds. Default: the browser's own. */
  readonly seconds?: number
}

/** What is removed by itself, and when. */
export type Lifecycle = {
  /** The rule's name. */
  readonly id: string
  /** Holds for objects whose names begin so. Default: all. */
  readonly prefix?: string
  /** They go after so many days. Default: they stay. */
  readonly days?: number
  /** Versions that were replaced go after so many days. Default: they stay. */
  readonly replacedDays?: number
  /** Uploads that were never finished go after so many days. Default: they stay. */
  readonly unfinishedDays?: number
}

/** A list of rules as text to compare, one rule a line. */
export const lines = (rules: readonly (Cors | Lifecycle)[]): string =>
  rules.map(rule => `${JSON.stringify(rule)}\n`).join('')

/** The rules in one way of writing them, so that the same are the same text. */
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
        // What this does not know still differs.
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
