import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { grafana } from '../../../lib/operations/grafana.ts'
import { Secret } from '../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'
import { SHELLS } from '../../support/shells.ts'
import { startToolServer, type ToolRequest } from '../../support/tool-server.ts'
import { withSandbox } from '../../support/with-sandbox.ts'

const [old, young] = [
  new Secret('old "pass" \\word', 'c/grafana-admin'),
  new Secret('new password', 'c/grafana-admin.next'),
]
const site = { host: 'grafana.test', scheme: 'http' } as const
const want = { ...site, password: young, before: old, version: 'm2' }

plans(grafana.password, {
  'was never told': ['never\n', want, ['done: absent -> once']],
  'was told': ['m2\n', want, []],
  'a failed probe is not "never"': [{ exitCode: 1, stderr: 'I/O error' }, want, /I\/O error/],
})

/**
 * Grafana, as its HTTP API is documented: who asks is known by basic authentication; `PUT
 * /api/user/password` changes his own.
 */
const tool = (password: string) => {
  let now = password
  return startToolServer(({ method, path, authorization, body }: ToolRequest) => {
    if (authorization !== `Basic ${Buffer.from(`admin:${now}`).toString('base64')}`)
      return [401, { message: 'Invalid username or password' }]
    if (method === 'GET' && path === '/api/user') return [200, { id: 1, login: 'admin' }]
    if (method !== 'PUT' || path !== '/api/user/password') return [404, { message: 'Not found' }]
    if (body['oldPassword'] !== now) return [401, { message: 'invalid old password' }]
    now = body['newPassword'] ?? now
    return [200, { message: 'User password changed' }]
  })
}

for (const shell of SHELLS)
  test(`the password changes once, with proof that the old one fails, in ${shell}`, async () => {
    const { port, asked, end } = await tool(old.reveal())
    const site = { ...want, port }
    const { before: _, ...there } = site
    await withSandbox(shell, async run => {
      assert.is(await run(grafana.refuses({ ...there, password: old, version: 'm1' })), 'failed')
      assert.is(await run(grafana.password(site)), 'ok')
      assert.is(await run(grafana.refuses({ ...there, password: old, version: 'm1' })), 'ok')
      const count = asked.length
      assert.is(await run(grafana.password(site)), 'ok')
      assert.is(asked.length, count, 'nothing is asked a second time')
    })
    assert.equal(
      asked.map(({ method, path }) => `${method} ${path}`),
      [
        'GET /api/user',
        'GET /api/user',
        'PUT /api/user/password',
        'GET /api/user',
        'GET /api/user',
      ],
    )
    await end()
  })

test('a change that was broken off behind Grafana is seen to be done', async () => {
  const { port, asked, end } = await tool(young.reveal())
  await withSandbox('dash', async run =>
    assert.is(await run(grafana.password({ ...want, port })), 'ok'),
  )
  assert.is(asked.length, 1)
  await end()
})

test('a Grafana that knows neither is an error', async () => {
  const { port, end } = await tool('a third')
  await withSandbox('dash', async run =>
    assert.is(await run(grafana.password({ ...want, port })), 'failed'),
  )
  await end()
})

for (const [status, message, result] of [
  [401, 'Invalid username or password', 'ok'],
  [401, 'Too many consecutive incorrect login attempts', 'failed'],
  [401, 'Unauthorized', 'failed'],
  [403, 'Permission denied', 'failed'],
  [404, 'Not found', 'failed'],
  [502, 'Bad gateway', 'failed'],
] as const)
  test(`${status} ${message}: ${result === 'ok' ? 'refused' : 'shows nothing'}`, async () => {
    const { port, end } = await startToolServer(() => [status, { message }])
    const { before: _, ...there } = { ...want, port }
    await withSandbox('dash', async run => assert.is(await run(grafana.refuses(there)), result))
    await end()
  })

test('a user who is blocked is refused with every password: that shows nothing', async () => {
  const { port, asked, end } = await startToolServer(() => [
    401,
    { message: 'Invalid username or password' },
  ])
  const { before, ...there } = { ...want, port }
  await withSandbox('dash', async run =>
    assert.is(
      await run(grafana.refuses({ ...there, password: before, current: want.password })),
      'failed',
    ),
  )
  assert.is(asked.length, 2)
  await end()
})

test('the password in force is accepted after the old one was refused', async () => {
  const { port, asked, end } = await tool(young.reveal())
  const { before, ...there } = { ...want, port }
  await withSandbox('dash', async run =>
    assert.is(
      await run(grafana.refuses({ ...there, password: before, current: want.password })),
      'ok',
    ),
  )
  assert.is(asked.length, 2)
  await end()
})

test('no password is in a script', () => {
  const { before: _, ...rest } = want
  for (const op of [grafana.password(want), grafana.refuses(rest)]) {
    const plan = op.decide(makeOutput('never\n'), nothingPending)
    assert.ok(plan && 'apply' in plan)
    for (const text of [op.probe.text, plan.apply.text, JSON.stringify(plan)])
      assert.not.match(text, /new password|pass..word/)
  }
})

test.run()
