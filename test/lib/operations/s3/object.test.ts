import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { S3Object } from '../../../../lib/operations/s3/object.ts'
import { s3 } from '../../../../lib/operations/s3.ts'
import { Secret } from '../../../../lib/secret.ts'
import { plans, refuses, settles } from '../../../support/operations.ts'
import { type FakeS3, startFakeS3 } from '../../../support/s3.ts'

const place = {
  endpoint: 'https://s3.example',
  region: 'eu-central-1',
  bucket: 'assets',
  accessKey: new Secret('AKIA', 'access'),
  secretKey: new Secret('hunter2', 'secret'),
}
const want: S3Object = { ...place, key: 'robots.txt', content: 'one\n', type: 'text/plain' }
const hash = (kind: string, text: string) => createHash(kind).update(text).digest('hex')
const there = (text: string, more = '', type = 'text/plain') =>
  `bucket 200\nobject 200\netag: "${hash('md5', text)}"\ncontent-type: ${type}\n${more}`
const other = '"5d41402abc4b2a76b9719d911017c592-2"'

plans<S3Object>(s3.object, {
  'puts what is absent': [
    'bucket 200\nobject 404\n',
    want,
    ['content: absent -> 4 bytes, sha256 2c8b08da5ce6', 'type: absent -> text/plain'],
  ],
  'leaves what is right': [there('one\n'), want, []],
  'another content': [there('two\n'), want, ['content: another -> 4 bytes, sha256 2c8b08da5ce6']],
  'another type': [there('one\n', '', 'text/html'), want, ['type: text/html -> text/plain']],
  'a type is the same in small letters': [
    there('one\n', '', 'text/plain; charset=utf-8'),
    { ...want, type: 'text/plain; charset=UTF-8' },
    [],
  ],
  'its hash is believed where the tag is no MD5': [
    `bucket 200\nobject 200\netag: ${other}\ncontent-type: text/plain\nx-amz-meta-brd-sha256: ${hash('sha256', 'one\n')}\n`,
    want,
    [],
  ],
  'a secret is not shown': [
    there('two\n'),
    { ...want, content: new Secret('x', 'stage/key') },
    ['content: another -> (secret stage/key)'],
  ],
  'removes it': [
    there('one\n'),
    { ...place, key: 'robots.txt', state: 'absent' },
    ['object: robots.txt -> absent'],
  ],
  'is absent already': [
    'bucket 200\nobject 404\n',
    { ...place, key: 'robots.txt', state: 'absent' },
    [],
  ],
  'is absent where its bucket is': [
    'bucket 404 NoSuchBucket\nobject 404\n',
    { ...place, key: 'robots.txt', state: 'absent' },
    [],
  ],
  'a bucket that is missing is not a missing object': [
    'bucket 404 NoSuchBucket\nobject 404\n',
    want,
    /there is no bucket assets/,
  ],
  'nor are keys that are refused': [
    'bucket 200\nobject 403\n',
    want,
    /answers 403 for robots\.txt/,
  ],
  'nor is a server that is down': ['bucket curl7\nobject curl7\n', want, /no connection/],
  'an empty answer': ['', want, /cannot be read/],
})

let server: FakeS3
test.before(async () => {
  server = await startFakeS3()
})
test.after(() => server.end())

const bucket = () => {
  server.kept.clear()
  server.kept.set('/assets', { body: Buffer.of(), headers: {} })
}
const bytes = Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 256))
const put = (content: S3Object['content']) =>
  s3.object({
    ...server.place,
    bucket: 'assets',
    key: "a b/ü'(1).bin",
    content: content ?? '',
    type: 'image/png',
  })
settles('an object of any bytes', () => put(bytes), {
  before: bucket,
  after: () => assert.equal(server.kept.get('/assets/a%20b/%C3%BC%27%281%29.bin')?.body, bytes),
})
settles('an object that another replaced', () => put('one\n'), {
  before: () => {
    bucket()
    server.kept.set('/assets/a%20b/%C3%BC%27%281%29.bin', {
      body: Buffer.from('two\n'),
      headers: {},
    })
  },
})
settles('an empty object', () => put(''), { before: bucket })
settles(
  'an object and its bucket that go',
  () => [
    s3.object({ ...server.place, bucket: 'assets', key: 'a', state: 'absent' }),
    s3.bucket({ ...server.place, bucket: 'assets', state: 'absent' }),
  ],
  {
    before: () => {
      bucket()
      server.kept.set('/assets/a', { body: Buffer.of(), headers: {} })
    },
    after: () => assert.equal([...server.kept.keys()], []),
  },
)
refuses('no bucket', () => put('x'), /there is no bucket assets/, {
  before: () => server.kept.clear(),
})

test('a name that is none', () =>
  assert.throws(() => s3.object({ ...want, key: '/etc/passwd' }), /does not begin with a slash/))

test.run()
