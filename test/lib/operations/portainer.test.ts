import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { portainer } from '../../../lib/operations/portainer.ts'
import { Secret } from '../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'
import { SHELLS } from '../../support/shells.ts'
import { startToolServer, type ToolRequest } from '../../support/tool-server.ts'
import { withSandbox } from '../../support/with-sandbox.ts'

const [old, young] = [
  new Secret('old "pass" \\word', 'c/portainer-admin'),
  new Secret('new password', 'c/portainer-admin.next'),
]
const site = { host: 'portainer.test', scheme: 'http' } as const
const want = { ...site, password: young, before: old, version: 'm2' }

plans(portainer.password, {
  'was never told': ['never\n', want, ['done: absent -> once']],
  'was told': ['m2\n', want, []],
  'a failed probe is not "never"': [{ exitCode: 1, stderr: 'I/O error' }, want, /I\/O error/],
})

/**
 * Portainer, as its HTTP API is documented: `POST /api/auth` gives a token, which `PUT
 * /api/users/1/passwd` wants beside the password before.
 */
const tool = (password: string) => {
  let now = password
  return startToolServer(({ method, path, authorization, body }: ToolRequest) => {
    if (method === 'POST' && path === '/api/auth')
      return body['username'] === 'admin' && body['password'] === now
        ? [200, { jwt: `token.of.${now.length}` }]
        : [422, { message: 'Invalid credentials', details: 'Unauthorized' }]
    if (authorization !== `Bearer token.of.${now.length}`)
      return [401, { message: 'A valid authorization token is missing' }]
    if (method !== 'PUT' || path !== '/api/users/1/passwd') return [404, { message: 'Not found' }]
    if (body['password'] !== now)
      return [403, { message: 'Specified password do not match actual password' }]
    now = body['newPassword'] ?? now
    return [204]
  })
}

for (const shell of SHELLS)
  test(`the password changes once, with proof that the old one fails, in ${shell}`, async () => {
    const { port, asked, end } = await tool(old.reveal())
    const site = { ...want, port }
    const { before: _, ...there } = site
    await withSandbox(shell, async run => {
      assert.is(await run(portainer.refuses({ ...there, password: old, version: 'm1' })), 'failed')
      assert.is(await run(portainer.password(site)), 'ok')
      assert.is(await run(portainer.refuses({ ...there, password: old, version: 'm1' })), 'ok')
      const count = asked.length
      assert.is(await run(portainer.password(site)), 'ok')
      assert.is(asked.length, count, 'nothing is asked a second time')
    })
    const [auth, change] = ['POST /api/auth', 'PUT /api/users/1/passwd']
    assert.equal(
      asked.map(({ method, path }) => `${method} ${path}`),
      [auth, auth, auth, change, auth, auth],
    )
    await end()
  })

test('a change that was broken off behind Portainer is seen to be done', async () => {
  const { port, asked, end } = await tool(young.reveal())
  await withSandbox('dash', async run =>
    assert.is(await run(portainer.password({ ...want, port })), 'ok'),
  )
  assert.is(asked.length, 1)
  await end()
})

test('a Portainer that knows neither is an error', async () => {
  const { port, end } = await tool('a third')
  await withSandbox('dash', async run =>
    assert.is(await run(portainer.password({ ...want, port })), 'failed'),
  )
  await end()
})

for (const [status, message, result] of [
  [422, 'Invalid credentials', 'ok'],
  [403, 'Access denied to resource', 'failed'],
  [401, 'Unauthorized', 'failed'],
  [404, 'Not found', 'failed'],
  [500, 'Internal error', 'failed'],
] as const)
  test(`an answer ${status} ${result === 'ok' ? 'is' : 'is not'} a refused password`, async () => {
    const { port, end } = await startToolServer(() => [status, { message }])
    const { before: _, ...there } = { ...want, port }
    await withSandbox('dash', async run => assert.is(await run(portainer.refuses(there)), result))
    await end()
  })

test('no password is in a script', () => {
  const { before: _, ...rest } = want
  for (const op of [portainer.password(want), portainer.refuses(rest)]) {
    const plan = op.decide(makeOutput('never\n'), nothingPending)
    assert.ok(plan && 'apply' in plan)
    for (const text of [op.probe.text, plan.apply.text, JSON.stringify(plan)])
      assert.not.match(text, /new password|pass..word/)
  }
})

test.run()
