import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../lib/converge/converge.ts'
import { http } from '../../../lib/operations/http.ts'
import { plans } from '../../support/operations.ts'
import { openShell, SHELLS } from '../../support/shells.ts'

const want = { host: 'grafana.example', path: '/api/health' } as const
plans(http.answers, {
  answers: ['HTTP 200\n', want, []],
  'answers otherwise': ['HTTP 404\n', want, ['answer: HTTP 404 -> HTTP 200']],
  'nobody is there': ['curl 7\n', want, ['answer: no connection -> HTTP 200']],
  'its certificate is not trusted': [
    'curl 60\n',
    want,
    ['answer: a certificate that is not trusted -> HTTP 200'],
  ],
  'asks for a password': ['HTTP 401\n', { ...want, status: 401 }, []],
  'answers without the text': [
    'HTTP 200 without "ok"\n',
    { ...want, text: 'ok' },
    ['answer: HTTP 200 without "ok" -> HTTP 200 with "ok"'],
  ],
  'no curl': [{ exitCode: 3, stderr: 'curl is not installed' }, want, /curl is not installed/],
  'an empty answer': ['', want, /the probe failed/],
})

/** A server that answers 503 at first, and 200 from the second request on. */
const slow = async (body: (port: number) => Promise<void>): Promise<void> => {
  let asked = 0
  const server: Server = createServer((request, response) => {
    asked++
    response.writeHead(asked > 1 ? 200 : 503).end(`it's ${request.headers.host?.split(':')[0]}`)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    await body((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}

for (const name of SHELLS.filter(shell => shell !== 'busybox'))
  for (const text of [undefined, "it's tool.example"])
    test(`waits for the answer${text ? ' and its text' : ''}, then does nothing (${name})`, () =>
      slow(async port => {
        const { shell } = openShell(name)
        const op = http.answers({
          host: 'tool.example',
          scheme: 'http',
          port,
          timeoutSeconds: 20,
          ...(text ? { text } : {}),
        })
        const first = await converge([op], { host: 'here', shell: async () => shell })
        assert.is(first.result, 'ok', JSON.stringify(first.error))
        const second = await converge([op], { host: 'here', shell: async () => shell })
        assert.equal([second.trips, second.outcomes[0]?.is], [1, 'ok'])
        await shell.end()
      }))

test('fails at its deadline and says what came instead', () =>
  slow(async port => {
    const { shell } = openShell('dash')
    const op = http.answers({
      host: 'tool.example',
      scheme: 'http',
      port,
      status: 204,
      timeoutSeconds: 2,
    })
    const { result, error } = await converge([op], { host: 'here', shell: async () => shell })
    assert.is(result, 'failed')
    assert.match(error?.stderr ?? '', /does not answer as expected after 2 s: HTTP 200/)
    await shell.end()
  }))

test.run()
