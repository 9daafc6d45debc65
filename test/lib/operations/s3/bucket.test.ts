import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { S3Bucket } from '../../../../lib/operations/s3/bucket.ts'
import { s3 } from '../../../../lib/operations/s3.ts'
import { Secret } from '../../../../lib/secret.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../../support/operations.ts'
import { type FakeS3, startFakeS3 } from '../../../support/s3.ts'

const place = {
  endpoint: 'https://s3.example',
  region: 'eu-central-1',
  bucket: 'assets',
  accessKey: new Secret('AKIA', 'access'),
  secretKey: new Secret('hunter2', 'secret'),
}
const said = (name: string, status: number | string, text = ''): string =>
  `${name} ${status} ${status === 200 ? Buffer.from(text).toString('base64') : text}\n`
const there = said('bucket', 200, '<LocationConstraint/>')
const policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: '*',
      Action: ['s3:GetObject'],
      Resource: 'arn:aws:s3:::assets/*',
    },
  ],
}
const stored =
  '{"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Principal":"*","Resource":"arn:aws:s3:::assets/*"}],"Version":"2012-10-17"}'
const cors = [
  { origins: ['https://shop.example'], methods: ['GET', 'HEAD'], maxAgeSeconds: 600 },
] as const
const corsNow = `<?xml version="1.0" encoding="UTF-8"?>
<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><CORSRule><AllowedMethod>HEAD</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://shop.example</AllowedOrigin><MaxAgeSeconds>600</MaxAgeSeconds></CORSRule></CORSConfiguration>`
const lifecycle = [{ id: 'old', prefix: 'tmp/', days: 7, unfinishedDays: 1 }]
const lifecycleNow = (more = '') =>
  `<LifecycleConfiguration><Rule><ID>old</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>7</Days></Expiration>${more}<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>`

plans<S3Bucket>(s3.bucket, {
  'makes what is absent': [
    said('bucket', 404, 'NoSuchBucket') + said('versioning', 404, 'NoSuchBucket'),
    { ...place, versioning: 'enabled' },
    ['bucket: absent -> assets', 'versioning: absent -> enabled'],
  ],
  'leaves what is there': [there, place, []],
  'versioning that is right': [
    there +
      said(
        'versioning',
        200,
        '<VersioningConfiguration xmlns="x"><Status>Enabled</Status></VersioningConfiguration>',
      ),
    { ...place, versioning: 'enabled' },
    [],
  ],
  'versioning that was never set': [
    there + said('versioning', 200, '<VersioningConfiguration/>'),
    { ...place, versioning: 'enabled' },
    ['versioning: absent -> enabled'],
  ],
  'a policy as AWS gives it back': [there + said('policy', 200, stored), { ...place, policy }, []],
  'no policy, and none is wanted': [
    there + said('policy', 404, 'NoSuchBucketPolicy'),
    { ...place, policy: null },
    [],
  ],
  'CORS that is right, in another order': [
    there + said('cors', 200, corsNow),
    { ...place, cors },
    [],
  ],
  'CORS that was never set': [
    there + said('cors', 404, 'NoSuchCORSConfiguration'),
    { ...place, cors },
    [
      'cors: absent -> {"origins":["https://shop.example"],"methods":["GET","HEAD"],"maxAgeSeconds":600}\n',
    ],
  ],
  'CORS that is too much': [
    there + said('cors', 200, corsNow),
    { ...place, cors: [] },
    [
      'cors: {"origins":["https://shop.example"],"methods":["GET","HEAD"],"maxAgeSeconds":600}\n -> absent',
    ],
  ],
  'lifecycle rules that are right': [
    there + said('lifecycle', 200, lifecycleNow()),
    { ...place, lifecycle },
    [],
  ],
  'a rule with more than is known here differs': [
    there + said('lifecycle', 200, lifecycleNow('<Transition><Days>3</Days></Transition>')),
    { ...place, lifecycle },
    [
      'lifecycle: {"id":"old","prefix":"tmp/","days":7,"unfinishedDays":1,"also":["Transition/Days=3"]}\n -> {"id":"old","prefix":"tmp/","days":7,"unfinishedDays":1}\n',
    ],
  ],
  'a rule that is for some objects only, and one with a date, differ': [
    there +
      said(
        'lifecycle',
        200,
        lifecycleNow('<Expiration><Date>2027-01-01T00:00:00Z</Date></Expiration>').replace(
          '</Prefix></Filter>',
          '</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></Filter>',
        ),
      ),
    { ...place, lifecycle },
    [
      'lifecycle: {"id":"old","prefix":"tmp/","days":7,"unfinishedDays":1,' +
        '"also":["Filter/Tag/Key=a","Filter/Tag/Value=b",' +
        '"Expiration/Date=2027-01-01T00:00:00Z"]}\n' +
        ' -> {"id":"old","prefix":"tmp/","days":7,"unfinishedDays":1}\n',
    ],
  ],
  'a CORS rule with more than is known here differs': [
    there + said('cors', 200, corsNow.replace('</CORSRule>', '<ID>theirs</ID></CORSRule>')),
    { ...place, cors },
    [
      'cors: {"origins":["https://shop.example"],"methods":["GET","HEAD"],"maxAgeSeconds":600,' +
        '"also":["ID=theirs"]}\n' +
        ' -> {"origins":["https://shop.example"],"methods":["GET","HEAD"],"maxAgeSeconds":600}\n',
    ],
  ],
  'what means nothing, and signs written as numbers, are no difference': [
    there +
      said(
        'lifecycle',
        200,
        lifecycleNow(
          '<Expiration><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration>',
        ).replace('tmp/', 'it&#39;s &#x22;a&#x22; &amp; b/'),
      ),
    { ...place, lifecycle: lifecycle.map(rule => ({ ...rule, prefix: `it's "a" & b/` })) },
    [],
  ],
  'a server that answers with a listing knows no policies': [
    there + said('policy', 200, '<ListBucketResult/>'),
    { ...place, policy },
    /does not report the bucket's policy: it answers 200 with another document/,
  ],
  'nor does one that says so': [
    there + said('cors', 501, 'NotImplemented'),
    { ...place, cors },
    /bucket's cors: it answers 501 NotImplemented/,
  ],
  'the bucket of another': [
    said('bucket', 403, 'AccessDenied'),
    place,
    /refuses access and secret for the bucket assets \(403 AccessDenied\)/,
  ],
  'a signature that is too old': [
    said('bucket', 403, 'RequestTimeTooSkewed'),
    place,
    /signed more than 15 minutes ago/,
  ],
  'a server that does not answer is not an absent bucket': [
    said('bucket', 'curl7'),
    place,
    /no connection/,
  ],
  'a 404 of something else is not an absent bucket': [
    said('bucket', 404),
    { ...place, state: 'absent' },
    /there is no bucket|cannot be used/,
  ],
  'removes it': [there, { ...place, state: 'absent' }, ['bucket: assets -> absent']],
  'is absent already': [said('bucket', 404, 'NoSuchBucket'), { ...place, state: 'absent' }, []],
  'no curl': [{ exitCode: 3, stderr: 'curl is not installed' }, place, /curl is not installed/],
})

let server: FakeS3
test.before(async () => {
  server = await startFakeS3()
})
test.after(() => server.end())

const whole = () =>
  s3.bucket({
    ...server.place,
    bucket: 'assets',
    versioning: 'enabled',
    policy,
    cors,
    lifecycle: [{ id: 'a<b&c', days: 3, replacedDays: 2 }],
  })
settles('a bucket with all of its settings', whole, {
  before: () => server.kept.clear(),
  after: () => {
    assert.match(
      server.kept.get('/assets')?.body.toString() ?? '',
      /<LocationConstraint>eu-central-1</,
    )
    assert.match(server.kept.get('/assets?lifecycle=')?.body.toString() ?? '', /<ID>a&lt;b&amp;c</)
  },
})
settles(
  'rules that go',
  () => s3.bucket({ ...server.place, bucket: 'assets', policy: null, cors: [] }),
  {
    before: () => {
      server.kept.clear()
      server.kept.set('/assets', { body: Buffer.of(), headers: {} })
      server.kept.set('/assets?policy=', { body: Buffer.from(stored), headers: {} })
      server.kept.set('/assets?cors=', { body: Buffer.from(corsNow), headers: {} })
    },
    after: () => assert.equal([...server.kept.keys()], ['/assets']),
  },
)
refuses(
  'wrong keys',
  () => s3.bucket({ ...server.place, secretKey: new Secret('wrong', 'secret'), bucket: 'assets' }),
  /refuses access and secret.*SignatureDoesNotMatch/,
)

test('the secret key is in no script', () => {
  const op = s3.bucket({ ...place, versioning: 'enabled' })
  const plan = op.decide(
    makeOutput(there + said('versioning', 200, '<VersioningConfiguration/>')),
    nothingPending,
  )
  assert.ok(plan && 'apply' in plan)
  for (const text of [op.probe.text, plan.apply.text, op.id, JSON.stringify(plan)])
    assert.not.match(text, /hunter2/)
})

test('a name that S3 would refuse', () =>
  assert.throws(() => s3.bucket({ ...place, bucket: 'My_Bucket' }), /3 to 63 lower-case letters/))

test.run()
