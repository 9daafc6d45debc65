import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { s3 } from '../../../../lib/operations/s3.ts'
import { Secret } from '../../../../lib/secret.ts'
import { withSandbox } from '../../../support/with-sandbox.ts'

/** Proves keys twice on a server that keeps an object and answers its deletion like this. */
const prove = async (deletion: number, deletes: boolean) => {
  let kept = ''
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.method ?? '')
    request.setEncoding('utf8')
    let body = ''
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      if (request.method === 'PUT') kept = body
      const refused = request.method === 'DELETE' && deletion === 403
      response
        .writeHead(request.method === 'DELETE' ? deletion : 200)
        .end(refused ? '<Error><Code>AccessDenied</Code></Error>' : kept)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const results: string[] = []
  await withSandbox('dash', async run => {
    for (const _ of [1, 2])
      results.push(
        await run(
          s3.usable({
            endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            region: 'eu-central-1',
            bucket: 'backups',
            accessKey: new Secret('AKIA', 'access'),
            secretKey: new Secret('hunter2', 'secret'),
            version: 'p1',
            deletes,
          }),
        ),
      )
  })
  server.closeAllConnections()
  server.close()
  return { results, tried: asked.filter(method => method === 'DELETE').length }
}

const rows: Record<string, readonly [status: number, deletes: boolean, results: string[], number]> =
  {
    'keys that delete are proven once': [204, true, ['ok', 'ok'], 1],
    'keys that must not delete are proven once to be refused': [403, false, ['ok', 'ok'], 1],
    'keys that delete and must not are an error': [204, false, ['failed', 'failed'], 2],
    'keys that should delete and are refused are an error': [403, true, ['failed', 'failed'], 2],
    'an error of the server is no refusal': [500, false, ['failed', 'failed'], 2],
  }
for (const [title, [status, deletes, results, tried]] of Object.entries(rows))
  test(title, async () => assert.equal(await prove(status, deletes), { results, tried }))

test.run()
