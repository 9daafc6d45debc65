import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { signRequest } from '../../../lib/operations/s3/signed.ts'
import { s3, type Usable } from '../../../lib/operations/s3.ts'
import { Secret } from '../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const accessKey = new Secret('AKIAIOSFODNN7EXAMPLE', 'stage/s3-access-key')
const secretKey = new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'stage/s3-secret-key')
const want: Usable = {
  endpoint: 'https://s3.example:9000',
  region: 'us-east-1',
  bucket: 'assets',
  accessKey,
  secretKey,
  version: 'p1',
}

plans(s3.usable, {
  'keys that were proven: nothing to do': ['200\np1\n', want, []],
  'new keys are proven': [
    '200\np0\n',
    want,
    ['put, get, delete: not proven with these keys -> work'],
  ],
  'a host that never asked': [
    '200\nabsent\n',
    want,
    ['put, get, delete: not proven with these keys -> work'],
  ],
  'no such bucket': [
    '404 NoSuchBucket\nabsent\n',
    want,
    /there is no bucket assets at https:\/\/s3\.example:9000/,
  ],
  'wrong keys': [
    '403 SignatureDoesNotMatch\np1\n',
    want,
    new RegExp(
      'refuses stage/s3-access-key and stage/s3-secret-key ' +
        String.raw`for the bucket assets \(403 SignatureDoesNotMatch\)`,
    ),
  ],
  'no server': ['curl 7\np1\n', want, /cannot be used from this host: no connection/],
  'a failed probe is not an absent proof': [
    { exitCode: 3, stderr: 'curl is not installed' },
    want,
    /curl is not installed/,
  ],
})

plans((version: string) => s3.usable({ ...want, version, deletes: false }), {
  'keys that must not delete are proven not to': [
    '200\np0\n',
    'p1',
    ['put, get, no delete: not proven with these keys -> shown'],
  ],
  'they were proven': ['200\np1\n', 'p1', []],
})

test('pairs of keys of one bucket have proofs of their own', () => {
  const proof = (object: string) =>
    /\/var\/lib\/brd\/s3\/\S+/.exec(s3.usable({ ...want, object }).probe.text)?.[0]
  assert.ok(proof('a'))
  assert.is.not(proof('a'), proof('b'))
})

const { version: _, ...keys } = want
plans((mark: string) => s3.refuses({ ...keys, version: mark }), {
  'it was not shown yet that the old keys are refused': ['never\n', 'm1', ['done: absent -> once']],
  'it was shown': ['m1\n', 'm1', []],
})

test('requests are signed when they are sent: a list may take longer than a signature', () => {
  const real = Date
  const signedAt = (make: () => string): string => {
    const dates: string[] = []
    for (const at of ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z']) {
      globalThis.Date = class extends real {
        constructor(of: string | number = real.parse(at)) {
          super(of)
        }
      } as DateConstructor
      try {
        dates.push(/x-amz-date: (\w+)/.exec(make())?.[1] ?? 'none')
      } finally {
        globalThis.Date = real
      }
    }
    return dates.join(' ')
  }
  const twice = '20260101T000000Z 20260101T010000Z'
  const place = { ...keys }
  const ops = [
    s3.usable(want),
    s3.bucket(place),
    s3.object({ ...place, key: 'a', content: 'x' }),
    s3.refuses({ ...place, version: 'm' }),
  ]
  for (const op of ops.slice(0, 3))
    assert.is(
      signedAt(() => op.probe.text),
      twice,
      op.id,
    )
  const said = ['200\nabsent\n', 'bucket 404 NoSuchBucket\n', 'bucket 200\nobject 404\n', 'never\n']
  for (const [i, op] of ops.entries()) {
    const plan = op.decide(makeOutput(said[i] as string), nothingPending)
    assert.ok(plan && 'apply' in plan)
    const sent = () => {
      const { stdin } = plan.renew?.() ?? {}
      const [line] = Array.isArray(stdin) ? stdin : [stdin]
      const text = (line as Secret).reveal()
      return text.startsWith('url')
        ? text
        : Buffer.from(text.split('\n')[0] ?? '', 'base64').toString()
    }
    assert.is(signedAt(sent), twice, op.id)
  }
})

test('the secret key is in no script, and a proof never holds a key', () => {
  const op = s3.usable(want)
  const plan = op.decide(makeOutput('200\nabsent\n'), nothingPending)
  assert.ok(plan && 'apply' in plan)
  for (const text of [op.probe.text, plan.apply.text, op.id, JSON.stringify(plan)])
    assert.not.match(text, /wJalrXUtnFEMI/)
})

test('a request is signed as AWS’s own example says', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "GET Bucket
  // (List Objects)": that one is of the virtual-host style.
  const place = {
    endpoint: 'https://examplebucket.s3.amazonaws.com',
    region: 'us-east-1',
    bucket: '',
    accessKey,
    secretKey,
  }
  const { url, headers } = signRequest(
    place,
    {
      method: 'GET',
      query: [
        ['max-keys', '2'],
        ['prefix', 'J'],
      ],
    },
    new Date('2013-05-24T00:00:00Z'),
  )
  assert.is(url, 'https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J')
  assert.match(
    headers.join('\n'),
    /Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7$/,
  )
})

test.run()
