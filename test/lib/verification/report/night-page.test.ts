import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { renderNightPage } from '../../../../lib/verification/report/night-page.ts'
import { listTrends } from '../../../../lib/verification/report/trends.ts'
import { openBrowser, type TestBrowser } from '../../../support/browser.ts'
import {
  createNight,
  createEnvironmentNight as environment,
} from '../../../support/sample-night.ts'

const test = suite('the page of a night')

let eyes: TestBrowser
test.before(async () => {
  eyes = await openBrowser()
})
test.after(() => eyes?.close())

const before = [
  createNight([environment({ rpoSeconds: 120 })], { began: '2026-11-25T02:00:00.000Z' }),
  createNight([environment({ rpoSeconds: null, verdict: 'FAIL', stages: [], sizes: [] })], {
    began: '2026-11-26T02:00:00.000Z',
  }),
  createNight([], { began: '2026-11-27T02:00:00.000Z' }),
]
const attack = '<script>document.title = "owned"</script>"\'<img src=http://evil.example/>'
const night = createNight([
  environment(),
  environment({
    environment: 'prod',
    cluster: attack,
    verdict: 'FAIL',
    reasons: [`restore of files: ${attack}`],
    checks: [{ name: attack, is: 'failed', detail: attack, seconds: 75 }],
    sizes: [{ name: attack, bytes: 10 }],
    notCovered: [attack],
  }),
  environment({ environment: 'dev', verdict: 'COULD NOT VERIFY', checks: [], reasons: ['no'] }),
])
const page = renderNightPage(night, before)

test('it opens from a file without a complaint, loads nothing, and runs nothing', async () => {
  const { page: it, complaints } = await eyes.open(page)
  assert.equal(complaints, [])
  assert.is(await it.title(), 'FAIL: backups of 2026-11-28')
  assert.is(await it.locator('script, img, link, iframe').count(), 0)
  assert.equal(await it.locator('h2').allTextContents(), [
    `prod FAIL\n${attack}, stream_1`,
    'dev COULD NOT VERIFY\ninfra-stage, stream_1',
    'stage PASS\ninfra-stage, stream_1',
  ])
  assert.equal(await it.locator('.reasons').first().locator('li').allTextContents(), [
    `restore of files: ${attack}`,
  ])
  await it.close()
})

test('checks of a failure are open, those of a pass unfold', async () => {
  const { page: it } = await eyes.open(page)
  const table = (name: string) => it.locator(`section[aria-label=${name}] .checks`)
  assert.ok(await table('prod').isVisible())
  assert.not.ok(await table('stage').isVisible())
  await it.getByText('3 of 3 checks passed').click()
  assert.equal(
    (await table('stage').locator('tbody tr').first().locator('th, td').allTextContents()).map(
      text => text.trim(),
    ),
    ['passed', 'freshness of the database', '1.5 s', '2 h old'],
  )
  await it.close()
})

test('trends go over the nights, with a gap for a night that knows nothing', async () => {
  const { page: it } = await eyes.open(page)
  const stage = it.locator('section[aria-label=stage]')
  assert.equal(
    await stage.locator('svg').evaluateAll(all => all.map(one => one.getAttribute('aria-label'))),
    [
      'Verdicts of 4 nights: 2 PASS, 1 FAIL, 0 COULD NOT VERIFY',
      'RPO over 4 nights: tonight 4 min, from 2 min to 4 min',
      'RTO over 4 nights: tonight 1 min',
      'Restore and checks over 4 nights: tonight 1 min',
      'Size: database over 4 nights: tonight 1.4 GiB',
      'Size: files over 4 nights: tonight 2.0 KiB',
    ],
  )
  const rpo = stage.locator('figure').first()
  assert.is(await rpo.locator('.trend').getAttribute('d'), 'M4 31M296 6')
  assert.equal(await rpo.locator('title').allTextContents(), [
    '2026-11-25: 2 min',
    '2026-11-28: 4 min',
  ])
  assert.equal(await stage.locator('.strip title').allTextContents(), [
    '2026-11-25: PASS',
    '2026-11-26: FAIL',
    '2026-11-27: not verified',
    '2026-11-28: PASS',
  ])
  await it.close()
})

for (const look of [
  { width: 360, scheme: 'light' },
  { width: 360, scheme: 'dark' },
  { width: 1280, scheme: 'dark' },
] as const)
  test(`nothing is wider than the page: ${look.width}, ${look.scheme}`, async () => {
    const { page: it } = await eyes.open(page, look)
    assert.is(await it.evaluate('document.documentElement.scrollWidth'), look.width)
    const back = await it.evaluate('getComputedStyle(document.body).backgroundColor')
    assert.is(back, look.scheme === 'dark' ? 'rgb(20, 24, 29)' : 'rgb(255, 255, 255)')
    await it.close()
  })

test('sixty nights are drawn at most, and a night without an environment is no PASS', () => {
  const many = Array.from({ length: 100 }, () => createNight())
  assert.is(renderNightPage(createNight(), many).match(/ over 60 nights/g)?.length, 5)
  assert.match(
    renderNightPage(createNight([]), []),
    '<title>COULD NOT VERIFY: backups of 2026-11-28',
  )
})

test('a trend is known, or null, for each night', () =>
  assert.equal(
    listTrends([...before, createNight()], 'stage').map(({ name, values }) => [name, values]),
    [
      ['RPO', [120, null, null, 240]],
      ['RTO', [62.5, null, null, 62.5]],
      ['Restore and checks', [62.5, null, null, 62.5]],
      ['Size: database', [1.5e9, null, null, 1.5e9]],
      ['Size: files', [2048, null, null, 2048]],
    ],
  ))

test.run()
