import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Event, EventBody } from '../../../../lib/events.ts'
import { renderReportPage } from '../../../../lib/report/html/page.ts'
import { reduce } from '../../../../lib/report/reduce.ts'
import { createRunState, type RunState } from '../../../../lib/report/run-state.ts'
import { buildBigRun } from '../../../support/big-run.ts'
import { openBrowser, type TestBrowser } from '../../../support/browser.ts'
import { makeHostNames, tellStory } from '../../../support/fake-run.ts'

let eyes: TestBrowser
test.before(async () => {
  eyes = await openBrowser()
})
test.after(() => eyes?.close())

const fold = (events: Iterable<readonly [number, EventBody]>): RunState => {
  const state = createRunState()
  let at = 0
  for (const [ms, event] of events) {
    at += ms
    reduce(state, { ...event, at } as Event)
  }
  return state
}
const name = '2026-11-23T17-30-05-bootstrap-infra-stage'
const run = renderReportPage(fold(tellStory({ hosts: makeHostNames(4), check: false })), name)

/** Texts of the rows of operations that are seen. */
const rows = '.ops tbody tr:visible'

test('it opens from a file without a complaint and loads nothing', async () => {
  const { page: it, complaints } = await eyes.open(run)
  assert.equal(complaints, [])
  assert.is(await it.title(), `failed: ${name}`)
  assert.is(await it.locator('time').getAttribute('datetime'), '2026-11-23T17:30:05Z')
  assert.equal(await it.locator('h2').allTextContents(), [
    'Failed',
    'Hosts',
    'Operations',
    'Slowest',
    'Notes',
  ])
  assert.equal(await it.locator('.hosts tbody th').allTextContents(), makeHostNames(4))
  assert.equal(await it.locator('.failure h3').allTextContents(), ['unreachable', 'service docker'])
  assert.match(
    (await it.locator(rows).first().textContent()) ?? '',
    /^failed.*service docker.*new-prod/s,
  )
  await it.close()
})

test('the search finds operations, hosts and texts of diffs; outcomes have filters', async () => {
  const { page: it } = await eyes.open(run)
  const shown = () => it.locator(rows).count()
  const all = await shown()
  await it.getByLabel('Search').fill('docker.io')
  assert.is(await shown(), 1)
  await it.getByLabel('Search').fill('permitrootlogin')
  assert.match((await it.locator(rows).allTextContents()).join(), /50-brd\.conf/)
  await it.getByLabel('Search').fill('new-prod')
  assert.equal(await it.locator('.hosts tbody tr:visible th').allTextContents(), ['new-prod'])
  await it.getByLabel('Search').fill('')
  await it.getByLabel(/^changed/).uncheck()
  assert.is(await it.locator('.ops tr[data-is=changed]:visible').count(), 0)
  const left = await shown()
  assert.ok(left > 0 && left < all)
  assert.is(await it.locator('output').textContent(), `${left} of ${all} shown`)
  await it.close()
})

test('a diff unfolds, and a bar on the time axis leads to its operation', async () => {
  const { page: it } = await eyes.open(run)
  const diff = it.locator('.ops pre.diff').filter({ hasText: 'brd: do not edit by hand' })
  assert.not.ok(await diff.isVisible())
  await it.locator('summary', { hasText: 'file /etc/motd' }).click()
  assert.ok(await diff.isVisible())
  assert.equal(await diff.locator('.removed').allTextContents(), ['  -hand\n'])
  await it.locator('tr[data-host=new-prod] rect.failed').click()
  await it.locator('.ops tr:target pre').first().waitFor()
  assert.match((await it.locator('.ops tr:target').textContent()) ?? '', /service docker/)
  await it.close()
})

test('a long line of a diff moves nothing out of sight', async () => {
  const diff = [
    { key: 'content', before: null, after: `${'long '.repeat(400)}\n`, text: true as const },
  ]
  const state = fold([
    [0, { type: 'run-started', playbook: 'site', check: false, hosts: ['web1'] }],
    [
      1,
      {
        type: 'host-listed',
        host: 'web1',
        play: 0,
        ops: [{ kind: 'file', name: '/srv/x', role: 'site', tags: [] }],
      },
    ],
    [
      1,
      {
        type: 'op-settled',
        host: 'web1',
        op: 0,
        ms: 1,
        outcome: { is: 'changed', foreseen: true, diff },
      },
    ],
    [1, { type: 'run-finished', exitCode: 0, ms: 9 }],
  ])
  for (const width of [1280, 390]) {
    const { page: it } = await eyes.open(renderReportPage(state, name), { width })
    await it.getByRole('button', { name: 'Unfold all' }).click()
    await it.locator('.diff').waitFor()
    const box = 'document.querySelector("[aria-label=Operations]")'
    assert.is(await it.evaluate(`${box}.scrollWidth - ${box}.clientWidth`), 0, `at ${width} points`)
    await it.close()
  }
})

test('nothing that a host says is more than text', async () => {
  const evil = `</script><img src=x onerror="document.title='taken'"></title></pre>"'><script>document.title='taken'</script>`
  const state = fold([
    [0, { type: 'run-started', playbook: evil, check: false, hosts: [evil] }],
    [1, { type: 'play-started', play: 0, name: evil, hosts: [evil] }],
    [1, { type: 'host-connected', host: evil, ms: 1 }],
    [
      1,
      {
        type: 'host-listed',
        host: evil,
        play: 0,
        ops: [0, 1].map(i => ({ kind: 'file', name: `${evil}${i}`, role: evil, tags: [evil] })),
      },
    ],
    [1, { type: 'op-started', host: evil, op: 0 }],
    [
      1,
      {
        type: 'op-settled',
        host: evil,
        op: 0,
        ms: 1,
        outcome: {
          is: 'changed',
          foreseen: true,
          diff: [{ key: evil, before: evil, after: `${evil}\n` }],
        },
      },
    ],
    [
      1,
      {
        type: 'op-settled',
        host: evil,
        op: 1,
        ms: 1,
        outcome: { is: 'failed', error: { message: evil, stderr: `${evil}\ud800\0`, next: evil } },
      },
    ],
    [1, { type: 'note', text: evil, host: evil }],
    [
      1,
      {
        type: 'host-finished',
        host: evil,
        result: 'failed',
        trips: 1,
        ms: 5,
        error: { message: evil },
      },
    ],
    [1, { type: 'run-finished', exitCode: 2, ms: 9 }],
  ])
  const { page: it, complaints } = await eyes.open(
    renderReportPage(state, `2026-11-23T17-30-05-${evil}`),
  )
  assert.equal(complaints, [])
  assert.is(await it.locator('img').count(), 0)
  assert.is(await it.locator('script').count(), 1)
  assert.match(await it.title(), /^failed: .*<\/script><img/)
  assert.is(await it.locator('.hosts tbody th').textContent(), evil)
  await it.close()
})

for (const [width, scheme] of [
  [1280, 'light'],
  [390, 'dark'],
] as const)
  test(`fifty hosts: a few megabytes, and ${width} points are enough in ${scheme}`, async () => {
    const html = renderReportPage(buildBigRun(50, 40), name)
    assert.ok(html.length < 4_000_000, `${html.length} characters`)
    const { page: it, complaints } = await eyes.open(html, { width, scheme })
    assert.equal(complaints, [])
    assert.is(await it.locator('.when rect:not(.connect, .round)').count(), 2000)
    assert.is(
      await it.evaluate('document.documentElement.scrollWidth'),
      width,
      'nothing is wider than the window',
    )
    await it.getByLabel('Search').fill('web17')
    assert.is(await it.locator('.hosts tbody tr:visible').count(), 1)
    await it.close()
  })

test('a run that was killed says so', async () => {
  const events = [...tellStory({ hosts: makeHostNames(4), check: false })].slice(0, 40)
  const { page: it } = await eyes.open(renderReportPage(fold(events), name))
  assert.is(await it.locator('.verdict').textContent(), 'killed')
  assert.match((await it.locator(rows).allTextContents()).join('\n'), /was running|not begun/)
  await it.close()
})

test.run()
