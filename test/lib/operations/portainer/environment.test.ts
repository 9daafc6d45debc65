import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { portainer } from '../../../../lib/operations/portainer.ts'
import { Secret } from '../../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'
import { SHELLS } from '../../../support/shells.ts'
import { startToolServer, type ToolRequest } from '../../../support/tool-server.ts'
import { withSandbox } from '../../../support/with-sandbox.ts'

const url = 'tcp://tasks.agent:9001'
const password = new Secret('hunter "two" \\1', 'c/portainer-admin')
const want = { host: 'portainer.test', scheme: 'http', password, version: 'v1', url } as const
const asked = (login: string, ...urls: readonly string[]): string =>
  `login ${login}\n${urls.map(one => `"URL":"${one}"\n`).join('')}end\n`
const shown = 'environment: not known -> primary (tcp://tasks.agent:9001)'

plans(portainer.environment, {
  'was never asked': [
    'login absent\n',
    want,
    ['login: absent -> (secret c/portainer-admin)', shown],
  ],
  'has its environment': [asked('v1', 'tcp://other:9001', url), want, []],
  'has none: its console is empty': [
    asked('v1'),
    want,
    ['environment: absent -> primary (tcp://tasks.agent:9001)'],
  ],
  'has another': [
    asked('v1', 'tcp://tasks.agent:9001.example'),
    want,
    ['environment: absent -> primary (tcp://tasks.agent:9001)'],
  ],
  'its password is another by now': [
    asked('v0', url),
    want,
    ['login: another -> (secret c/portainer-admin)'],
  ],
  'the login that is kept is refused': [
    'login refused\n',
    want,
    ['login: refused -> (secret c/portainer-admin)', shown],
  ],
  'half an answer': ['login v1\n"URL":"tcp', want, /Portainer cannot be asked/],
  'no answer': [{ exitCode: 7, stderr: 'no connection' }, want, /no connection/],
})

/** Portainer's API as its source has it; agents answer it from the so-manieth time on. */
const startPortainer = (secret: string, agents = 1, urls: string[] = []) => {
  let tries = 0
  return startToolServer(({ method, path, authorization, body }: ToolRequest) => {
    if (method === 'POST' && path === '/api/auth')
      return body['password'] === secret
        ? [200, { jwt: 'a.b.c' }]
        : [422, { message: 'Invalid credentials' }]
    if (authorization !== 'Bearer a.b.c') return [401, { message: 'no token' }]
    if (method === 'GET' && path === '/api/endpoints?excludeSnapshots=true')
      return [200, urls.map(URL => ({ Id: 1, Name: 'primary', Type: 2, URL }))]
    if (method !== 'POST' || path !== '/api/endpoints') return [404, {}]
    if (body['EndpointCreationType'] !== '2' || body['TLSSkipVerify'] !== 'true') return [400, {}]
    if (++tries < agents) return [500, { message: 'unable to reach the agent' }]
    urls.push(body['URL'] ?? '')
    return [200, { Id: 1, URL: body['URL'] }]
  })
}

for (const shell of SHELLS)
  test(`the environment is made once the agents answer, and asked for: ${shell}`, async () => {
    const { port, asked: requests, end } = await startPortainer(password.reveal(), 2)
    const there = { ...want, port }
    await withSandbox(shell, async run => {
      assert.is(await run(portainer.environment(there)), 'ok')
      const made = requests.filter(
        ({ method, path }) => method === 'POST' && path.endsWith('points'),
      )
      assert.is(made.length, 2)
      const count = requests.length
      assert.is(await run(portainer.environment(there)), 'ok')
      assert.equal(
        requests.slice(count).map(({ method, path }) => `${method} ${path}`),
        ['POST /api/auth', 'GET /api/endpoints?excludeSnapshots=true'],
      )
    })
    await end()
  })

test('a Portainer that was set up again without one gets it again', async () => {
  const urls: string[] = []
  const { port, asked: requests, end } = await startPortainer(password.reveal(), 1, urls)
  await withSandbox('dash', async run => {
    for (const count of [1, 2]) {
      assert.is(await run(portainer.environment({ ...want, port })), 'ok')
      assert.equal(urls, [url])
      assert.is(requests.filter(({ body }) => body['URL'] === url).length, count)
      urls.length = 0
    }
  })
  await end()
})

test('a password that Portainer refuses is an error, and nothing is kept of it', async () => {
  const { port, end } = await startPortainer('another')
  await withSandbox('dash', async run =>
    assert.is(await run(portainer.environment({ ...want, port })), 'failed'),
  )
  await end()
})

test('agents that never answer are an error', async () => {
  const { port, end } = await startPortainer(password.reveal(), 99)
  await withSandbox('dash', async run =>
    assert.is(await run(portainer.environment({ ...want, port, timeoutSeconds: 3 })), 'failed'),
  )
  await end()
})

test('no password is in a script', () => {
  const op = portainer.environment(want)
  const plan = op.decide(makeOutput('login absent\n'), nothingPending)
  assert.ok(plan && 'apply' in plan)
  for (const text of [op.probe.text, plan.apply.text, JSON.stringify(plan)])
    assert.not.match(text, /hunter/)
})

test.run()
