import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Secret } from '../../../../lib/secret.ts'
import { callUrl } from '../../../../lib/verification/delivery/call-url.ts'
import { serveAnswers as serve } from '../../../support/serve-answers.ts'

const test = suite('calls of a secret URL')

const named = (url: string): Secret => new Secret(url, 'alarm-webhook')
const explain = async (call: Promise<string>): Promise<string> => {
  try {
    return `went well: ${await call}`
  } catch (error) {
    return (error as Error).message
  }
}
const fast = { pauses: [0, 0] }

test('posts JSON, and asks without a body', () =>
  serve([200, 204], async (url, seen) => {
    assert.is(await callUrl(named(`${url}\n`), { body: { text: 'é"' } }), 'answered 200')
    assert.is(await callUrl(named(url)), 'answered 204')
    assert.equal(seen, [
      { method: 'POST', url: '/secret-path', type: 'application/json', body: '{"text":"é\\""}' },
      { method: 'GET', url: '/secret-path', body: '' },
    ])
  }))

test('tries again what may pass, three times in all', async () => {
  await serve([503, response => response.destroy(), 200], async (url, seen) => {
    assert.is(await callUrl(named(url), fast), 'answered 200')
    assert.is(seen.length, 3)
  })
  await serve([429, 408, 500, 200], async (url, seen) => {
    assert.is(await explain(callUrl(named(url), fast)), 'alarm-webhook: answered 500, 3 times')
    assert.is(seen.length, 3)
  })
})

for (const status of [400, 401, 404, 410])
  test(`a status of ${status} is not tried again`, () =>
    serve([status], async (url, seen) => {
      assert.is(await explain(callUrl(named(url), fast)), `alarm-webhook: answered ${status}`)
      assert.is(seen.length, 1)
    }))

test('a redirect is not followed: what is sent is for this address only', () =>
  serve(
    [response => void response.writeHead(307, { location: '/elsewhere' }).end(), 200],
    async (url, seen) => {
      assert.is(await explain(callUrl(named(url), fast)), 'alarm-webhook: answered 307')
      assert.is(seen.length, 1)
    },
  ))

test('no answer in time is an error', () =>
  serve([() => {}], async url => {
    const call = callUrl(named(url), { seconds: 0.2, pauses: [0] })
    assert.is(await explain(call), 'alarm-webhook: no answer within 0.2 s, 2 times')
  }))

test('nobody there is an error, which does not name the URL', async () => {
  const gone: string[] = []
  await serve([200], async url => {
    gone.push(url)
  })
  assert.is(
    await explain(callUrl(named(gone[0]!), fast)),
    'alarm-webhook: no connection (ECONNREFUSED), 3 times',
  )
})

const refused: [string, string][] = [
  ['hooks.example/secret', 'it is not a URL'],
  ['', 'it is not a URL'],
  ['http://hooks.example/secret', 'it must begin with https://'],
  ['http://127.0.0.1.hooks.example/secret', 'it must begin with https://'],
  ['http://localhost.hooks.example/secret', 'it must begin with https://'],
  ['ftp://127.0.0.1/secret', 'it must begin with https://'],
  ['https://user:secret@127.0.0.1/', 'a URL with a user or a password is not supported'],
]
for (const [url, why] of refused)
  test(`refuses ${url || 'an empty text'}`, async () =>
    assert.is(await explain(callUrl(named(url))), `alarm-webhook: ${why}`))

test.run()
