import aws4 from 'aws4'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatCurlConfig, signRequest } from '../../../../lib/operations/s3/signed.ts'
import { Secret } from '../../../../lib/secret.ts'
import { makeRandom } from '../../../support/random.ts'

const COUNT = 1_000
const SEED = 20_261_127

/** Signs as the package aws4 does; returns the value of the header Authorization. */
const signByAws4 = (url: string, headers: readonly string[], request: Generated): string => {
  const { host, pathname, search } = new URL(url)
  const sent = Object.fromEntries(
    headers
      .filter(line => !line.startsWith('Authorization: '))
      .map(line => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
  )
  const signed = aws4.sign(
    {
      service: 's3',
      region: request.region,
      host,
      method: request.method,
      // As it was written: `new URL` takes dots out of a path.
      path: url.slice(url.indexOf(host) + host.length) || `${pathname}${search}`,
      headers: sent,
      ...(request.body === '' ? {} : { body: request.body }),
      extraHeadersToIgnore: { 'content-length': true },
    },
    { accessKeyId: request.access, secretAccessKey: request.secret },
  )
  return String(signed.headers['Authorization'])
}

type Generated = {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly access: string
  readonly secret: string
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  readonly object?: string
  readonly query: readonly (readonly [string, string])[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly at: Date
}

const EDGES = ['2024-02-29T23:59:59.999Z', '2026-01-01T00:00:00Z', '2026-12-31T23:59:59Z']
const SIGNS = [
  ...'abcXYZ019-_.~!\'()*&=+$,;:@?#[]{}|\\^%<>"` /\t',
  ...['ä', 'ß', '€', '日', '😀', '\u00a0', '%2F', '..', '.', '//'],
]

const generate = (random: ReturnType<typeof makeRandom>): Generated => {
  const { pick, number } = random
  const text = (most: number, from: readonly string[]) =>
    Array.from({ length: 1 + number(most) }, () => pick(from)).join('')
  const plain = [...'abcdefghijklmnopqrstuvwxyz0123456789']
  const names = new Set(Array.from({ length: number(5) }, () => text(8, SIGNS)))
  const method = pick(['GET', 'HEAD', 'PUT', 'DELETE'] as const)
  const headers: Record<string, string> = {}
  // Beside a body aws4 adds one of its own.
  if (method === 'PUT' || number(2) === 1)
    headers['content-type'] = pick(['text/plain', 'text/html; charset=utf-8'])
  if (number(2) === 1) headers['x-amz-meta-note'] = ` ${text(5, [...plain, ' ', '  '])} `
  if (number(3) === 1) headers['x-amz-security-token'] = text(60, [...plain, '+', '/', '='])
  return {
    endpoint: pick(['https://s3.example', 'http://10.0.0.1:9000', 'https://s3.example:8443/base']),
    region: pick(['us-east-1', 'eu-central-1', 'fsn1', 'auto']),
    bucket: text(20, plain),
    access: text(20, plain).toUpperCase(),
    secret: text(40, [...plain, '+', '/']),
    method,
    ...(number(8) === 0 ? {} : { object: text(30, SIGNS).replace(/^\/+/, 'a') }),
    query: [...names].map(name => [name, number(4) === 0 ? '' : text(10, SIGNS)] as const),
    headers,
    body: method === 'PUT' ? text(50, SIGNS) : '',
    at:
      number(4) === 0
        ? new Date(pick(EDGES))
        : new Date(1e12 + number(2 ** 31) * 1000 + number(1000)),
  }
}

test(`${COUNT} generated requests are signed as the package aws4 signs them`, () => {
  for (let i = 0; i < COUNT; i++) {
    const request = generate(makeRandom(SEED + i))
    const { endpoint, region, bucket, access, secret, at, ...asked } = request
    const place = {
      ...{ endpoint, region, bucket },
      accessKey: new Secret(access, 'access'),
      secretKey: new Secret(secret, 'secret'),
    }
    const { url, headers } = signRequest(place, asked, at)
    assert.is(
      headers.at(-1),
      `Authorization: ${signByAws4(url, headers, request)}`,
      `seed ${SEED + i}: ${JSON.stringify(request)}`,
    )
  }
})

test('curl sends a path with dots as it was signed', () =>
  assert.match(
    formatCurlConfig(
      {
        ...{ endpoint: 'https://s3.example', region: 'r', bucket: 'b' },
        accessKey: new Secret('a', 'a'),
        secretKey: new Secret('s', 's'),
      },
      { method: 'GET', object: '../x' },
    ),
    /^url = "https:\/\/s3\.example\/b\/\.\.\/x"\npath-as-is\n/,
  ))

test.run()
