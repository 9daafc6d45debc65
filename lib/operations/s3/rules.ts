import { type Element, findChildren, formatDocument, formatTag, readTexts } from './xml.ts'

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
  readonly maxAgeSeconds?: number
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
export const formatLines = (rules: readonly (Cors | Lifecycle)[]): string =>
  rules.map(rule => `${JSON.stringify(rule)}\n`).join('')

/** Writes equal rules as equal texts. */
export const formatCors = (rules: readonly Cors[]): string =>
  formatLines(
    rules.map(
      ({ origins, methods, headers = [], exposed = [], maxAgeSeconds: seconds, ...also }) => ({
        origins: origins.toSorted(),
        methods: methods.toSorted(),
        ...(headers.length > 0 ? { headers: headers.toSorted() } : {}),
        ...(exposed.length > 0 ? { exposed: exposed.toSorted() } : {}),
        ...(seconds === undefined ? {} : { maxAgeSeconds: seconds }),
        // An unknown property still counts as a difference.
        ...also,
      }),
    ),
  )

export const formatLifecycle = (rules: readonly Lifecycle[]): string =>
  formatLines(
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

export const renderCors = (rules: readonly Cors[]): string =>
  formatDocument(
    'CORSConfiguration',
    rules.map(({ origins, methods, headers = [], exposed = [], maxAgeSeconds: seconds }) =>
      formatTag('CORSRule', [
        ...origins.map(origin => formatTag('AllowedOrigin', origin)),
        ...methods.map(method => formatTag('AllowedMethod', method)),
        ...headers.map(header => formatTag('AllowedHeader', header)),
        ...exposed.map(header => formatTag('ExposeHeader', header)),
        ...(seconds === undefined ? [] : [formatTag('MaxAgeSeconds', seconds)]),
      ]),
    ),
  )

export const renderLifecycle = (rules: readonly Lifecycle[]): string =>
  formatDocument(
    'LifecycleConfiguration',
    rules.map(({ id, prefix = '', days, replacedDays, unfinishedDays }) =>
      formatTag('Rule', [
        formatTag('ID', id),
        formatTag('Filter', [formatTag('Prefix', prefix)]),
        formatTag('Status', 'Enabled'),
        ...(days === undefined ? [] : [formatTag('Expiration', [formatTag('Days', days)])]),
        ...(replacedDays === undefined
          ? []
          : [
              formatTag('NoncurrentVersionExpiration', [formatTag('NoncurrentDays', replacedDays)]),
            ]),
        ...(unfinishedDays === undefined
          ? []
          : [
              formatTag('AbortIncompleteMultipartUpload', [
                formatTag('DaysAfterInitiation', unfinishedDays),
              ]),
            ]),
      ]),
    ),
  )

export const readCors = (root: Element): readonly Cors[] =>
  findChildren(root, 'CORSRule').map(rule => {
    const [seconds] = readTexts(rule, 'MaxAgeSeconds')
    return {
      origins: readTexts(rule, 'AllowedOrigin'),
      methods: readTexts(rule, 'AllowedMethod') as Cors['methods'],
      headers: readTexts(rule, 'AllowedHeader'),
      exposed: readTexts(rule, 'ExposeHeader'),
      ...(seconds === undefined ? {} : { maxAgeSeconds: Number(seconds) }),
      ...readOthers(rule, CORS),
    }
  })

const CORS = ['AllowedOrigin', 'AllowedMethod', 'AllowedHeader', 'ExposeHeader', 'MaxAgeSeconds']
const LIFECYCLE = [
  'ID',
  'Filter/Prefix',
  'Prefix',
  'Status',
  'Expiration/Days',
  'NoncurrentVersionExpiration/NoncurrentDays',
  'AbortIncompleteMultipartUpload/DaysAfterInitiation',
]

export const readLifecycle = (root: Element): readonly Lifecycle[] =>
  findChildren(root, 'Rule').map(rule => {
    const below = (name: string, inner: string, key: string) => {
      const [found] = findChildren(rule, name).flatMap(element => readTexts(element, inner))
      return found === undefined ? {} : { [key]: Number(found) }
    }
    const status = readTexts(rule, 'Status')[0]
    return {
      id: readTexts(rule, 'ID')[0] ?? '',
      prefix:
        [
          ...findChildren(rule, 'Filter').flatMap(filter => readTexts(filter, 'Prefix')),
          ...readTexts(rule, 'Prefix'),
        ][0] ?? '',
      ...below('Expiration', 'Days', 'days'),
      ...below('NoncurrentVersionExpiration', 'NoncurrentDays', 'replacedDays'),
      ...below('AbortIncompleteMultipartUpload', 'DaysAfterInitiation', 'unfinishedDays'),
      ...(status === 'Enabled' ? {} : { status }),
      ...readOthers(rule, LIFECYCLE),
    }
  })

/**
 * What a rule has besides: a filter by tags, a date. It would be lost with the next change, and
 * with it the rule means something else.
 */
const readOthers = (
  rule: Element,
  known: readonly string[],
): { readonly also?: readonly string[] } => {
  const also = listLeaves(rule)
    .filter(([path, text]) => !known.includes(path) && !['', '0', 'false'].includes(text))
    .map(([path, text]) => `${path}=${text}`)
  return also.length > 0 ? { also } : {}
}

const listLeaves = (element: Element, above = ''): readonly (readonly [string, string])[] =>
  element.children.flatMap(child =>
    child.children.length > 0
      ? listLeaves(child, `${above}${child.name}/`)
      : [[`${above}${child.name}`, child.text.trim()] as const],
  )
