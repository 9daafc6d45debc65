import { createHash } from 'node:crypto'
import { OptionError } from '../../errors/option-error.ts'
import { change, type Diff, differences, operation, Unknown, unreadable } from '../../operation.ts'
import { join, renewed, type Sh, sh } from '../../sh.ts'
import {
  defineAsk,
  explainAnswer,
  readAnswers,
  type S3Answer,
  sendAll,
  sendNamed,
} from './asking.ts'
import {
  type Cors,
  formatCors,
  formatLifecycle,
  type Lifecycle,
  readCors,
  readLifecycle,
  renderCors,
  renderLifecycle,
} from './rules.ts'
import type { BucketAccess, S3Request } from './signed.ts'
import { formatDocument, formatTag, parseXml, readTexts } from './xml.ts'

export type S3Bucket = BucketAccess & {
  /** `absent` removes it; S3 refuses that while it contains objects. Default present. */
  readonly state?: 'present' | 'absent'
  /**
   * Whether S3 keeps replaced and deleted objects as versions. Once enabled, it can only be
   * suspended. Default: left as it is.
   */
  readonly versioning?: 'enabled' | 'suspended'
  /** The bucket's policy, as AWS writes it; null removes it. Default: left as it is. */
  readonly policy?: Readonly<Record<string, unknown>> | null
  /** All of its CORS rules; `[]` for none. Default: left as they are. */
  readonly cors?: readonly Cors[]
  /** All of its lifecycle rules; `[]` for none. Default: left as they are. */
  readonly lifecycle?: readonly Lifecycle[]
}

/** A setting of a bucket: its query, how its answer reads in a diff, and what to send. */
type BucketSetting = {
  readonly key: 'versioning' | 'policy' | 'cors' | 'lifecycle'
  /** The wanted text; null for none, undefined to leave it as it is. */
  readonly want: string | null | undefined
  /** Reads the text of an answer; undefined if it is an answer about something else. */
  readonly read: (text: string) => string | null | undefined
  readonly body: () => string
}

const listSettings = (want: S3Bucket): readonly BucketSetting[] => {
  const { versioning, policy, cors, lifecycle } = want
  const all: readonly BucketSetting[] = [
    {
      key: 'versioning',
      want: versioning,
      read: text =>
        readDocument(
          text,
          /Versioning/,
          root => readTexts(root, 'Status')[0]?.toLowerCase() ?? null,
        ),
      body: () =>
        formatDocument('VersioningConfiguration', [
          formatTag('Status', versioning === 'enabled' ? 'Enabled' : 'Suspended'),
        ]),
    },
    {
      key: 'policy',
      want: policy && formatPolicy(policy),
      read: readPolicy,
      body: () => JSON.stringify(policy),
    },
    {
      key: 'cors',
      want: cors && (formatCors(cors) || null),
      read: text =>
        readDocument(text, /^CORSConfiguration$/, root => formatCors(readCors(root)) || null),
      body: () => renderCors(cors ?? []),
    },
    {
      key: 'lifecycle',
      want: lifecycle && (formatLifecycle(lifecycle) || null),
      read: text =>
        readDocument(
          text,
          /^LifecycleConfiguration$/,
          root => formatLifecycle(readLifecycle(root)) || null,
        ),
      body: () => renderLifecycle(lifecycle ?? []),
    },
  ]
  return all.filter(({ want }) => want !== undefined)
}

/**
 * A bucket exists with this versioning, policy, CORS and lifecycle rules. The host sends requests
 * that the controller signs: the secret key never leaves the controller.
 */
export const bucket = operation('s3.bucket', {
  check: (want: S3Bucket) => {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(want.bucket))
      throw new OptionError({
        message: `${JSON.stringify(want.bucket)} is not a bucket's name`,
        next: 'use 3 to 63 lower-case letters, digits, dots and hyphens',
      })
  },
  name: ({ bucket, endpoint }: S3Bucket) => `${bucket} at ${endpoint}`,
  probe: want =>
    renewed(
      () => sh`${defineAsk}
${join([
  sendNamed('bucket', want, location),
  ...listSettings(want).map(({ key }) => askSetting(key, want)),
])}`,
    ),
  read: (out, want): Now | null | Unknown => {
    const said = readAnswers(out.stdout)
    const bucket = said.get('bucket')
    if (out.exitCode !== 0 || !bucket) return unreadable(out, 'the bucket cannot be read')
    if (bucket.code === 'NoSuchBucket') return null
    if (bucket.status !== '200')
      return new Unknown(explainAnswer(`${bucket.status} ${bucket.code}`.trim(), want))
    return readSettings(listSettings(want), said, want)
  },
  plan: (now, want) => {
    if (want.state === 'absent') {
      const gone = () => sendAll(want, [['DELETE', { method: 'DELETE' }]])
      return change(differences({ bucket: now && want.bucket }, { bucket: null }), gone().apply, {
        stdin: gone().stdin,
        renew: gone,
      })
    }
    const due = listSettings(want).filter(({ key, want }) => (now?.[key] ?? null) !== want)
    const diff: Diff = [
      ...(now ? [] : [{ key: 'bucket', before: null, after: want.bucket }]),
      ...due.map(({ key, want }) => ({
        key,
        before: now?.[key] ?? null,
        after: want ?? null,
        ...(key === 'versioning' ? {} : { text: true as const }),
      })),
    ]
    const make = () =>
      sendAll(want, [
        ...(now ? [] : [['PUT', formatCreation(want)] as const]),
        ...due.map(part => [part.key, formatSetting(part)] as const),
      ])
    return change(diff, make().apply, { stdin: make().stdin, renew: make, seconds: 180 })
  },
  probeSeconds: 60,
})

type Now = Readonly<Partial<Record<BucketSetting['key'], string | null>>>

// A listing would differ after every write of another client.
const location: S3Request = { method: 'GET', query: [['location', '']] }

const askSetting = (key: BucketSetting['key'], want: S3Bucket): Sh =>
  sendNamed(key, want, { method: 'GET', query: [[key, '']] })

/**
 * Reads the settings. One that the server does not support is unknown: such a server answers with a
 * listing.
 */
const readSettings = (
  all: readonly BucketSetting[],
  said: ReadonlyMap<string, S3Answer>,
  want: S3Bucket,
): Now | Unknown => {
  const now: Partial<Record<BucketSetting['key'], string | null>> = {}
  for (const { key, read } of all) {
    const { status, text, code } = said.get(key) ?? { status: 'nothing', text: '', code: '' }
    const value =
      status === '200'
        ? read(text)
        : status === '404' && /^NoSuch\w*(Policy|Configuration)$/.test(code)
          ? null
          : undefined
    if (value === undefined)
      return new Unknown(
        `${want.endpoint} does not report the bucket's ${key}: ` +
          `it answers ${status} ${status === '200' ? 'with another document' : code}`.trimEnd(),
      )
    now[key] = value
  }
  return now
}

const formatCreation = ({ region }: S3Bucket): S3Request => ({
  method: 'PUT',
  // S3 refuses the name of AWS's first region.
  body:
    region === 'us-east-1'
      ? ''
      : formatDocument('CreateBucketConfiguration', [formatTag('LocationConstraint', region)]),
})

const formatSetting = ({ key, want, body }: BucketSetting): S3Request => {
  if (want === null) return { method: 'DELETE', query: [[key, '']] }
  const text = body()
  return {
    method: 'PUT',
    query: [[key, '']],
    body: text,
    headers: { 'content-md5': createHash('md5').update(text).digest('base64') },
  }
}

const readDocument = <T>(
  text: string,
  root: RegExp,
  read: (root: NonNullable<ReturnType<typeof parseXml>>) => T,
): T | undefined => {
  const found = parseXml(text)
  return found && root.test(found.name) ? read(found) : undefined
}

const readPolicy = (text: string): string | undefined => {
  try {
    return formatPolicy(JSON.parse(text))
  } catch {
    return undefined
  }
}

/**
 * Writes equal policies as equal texts: AWS replaces a list of one item with that item, and does
 * not keep the order of keys.
 */
const formatPolicy = (policy: unknown): string => `${JSON.stringify(sortKeys(policy), null, 2)}\n`
const sortKeys = (value: unknown, key = ''): unknown => {
  if (Array.isArray(value))
    return value.length === 1 && key !== 'Statement'
      ? sortKeys(value[0])
      : value.every(item => typeof item === 'string')
        ? value.toSorted()
        : value.map(item => sortKeys(item))
  if (!value || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sortKeys(item, key)]),
  )
}
