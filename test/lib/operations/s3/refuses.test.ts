import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { s3 } from '../../../../lib/operations/s3.ts'
import { Secret } from '../../../../lib/secret.ts'
import { withSandbox } from '../../../support/with-sandbox.ts'

/** An S3 server that answers everything with this status and code. */
const answerWith = async (status: number, code: string) => {
  const server = createServer((_, response) =>
    response
      .writeHead(status, { 'Content-Type': 'application/xml' })
      .end(code === '' ? '' : `<?xml version="1.0"?>\n<Error><Code>${code}</Code></Error>`),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const want = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    bucket: 'assets',
    accessKey: new Secret('AKIA', 'access'),
    secretKey: new Secret('hunter2', 'secret'),
    version: 'p1',
  }
  let result = ''
  await withSandbox('dash', async run => {
    result = await run(s3.refuses(want))
  })
  server.closeAllConnections()
  server.close()
  return result
}

for (const [status, code, expected] of [
  [403, 'InvalidAccessKeyId', 'ok'],
  [403, 'SignatureDoesNotMatch', 'ok'],
  [403, 'InvalidToken', 'ok'],
  [400, 'ExpiredToken', 'ok'],
  [200, '', 'failed'],
  [204, '', 'failed'],
  [403, 'RequestTimeTooSkewed', 'failed'],
  [403, 'AccessDenied', 'failed'],
  [403, '', 'failed'],
  [401, '', 'failed'],
  [404, 'NoSuchBucket', 'failed'],
  [404, 'InvalidAccessKeyId', 'failed'],
  [400, 'BadRequest', 'failed'],
  [429, 'TooManyRequests', 'failed'],
  [500, 'InternalError', 'failed'],
  [503, 'SlowDown', 'failed'],
] as const)
  test(`${status} ${code} ${expected === 'ok' ? 'is revoked' : 'shows nothing'}`, async () =>
    assert.is(await answerWith(status, code), expected))

test.run()
