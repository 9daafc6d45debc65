import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { at } from '../../../lib/inventory/lab-home.ts'
import { needLab } from '../../../lib/inventory/lab-state.ts'
import { openStore } from '../../../lib/secrets/store.ts'
import { get } from '../../../scripts/lab/reach.ts'
import { skip } from '../../../scripts/test/skip.ts'
import { waitUntil } from '../../support/run-playbook.ts'
import { type Ground, names, site } from './ground.ts'

/** That the logs of what happens are there to be looked at. */
export const dashboards = (test: Test, ground: Ground): void => {
  test("the dashboard's questions are answered by Loki from what has just happened", async () => {
    const { images } = await needLab()
    for (const image of images.filter(({ ref }) => /^grafana\/(loki|alloy):/.test(ref)))
      if (image.standIn) skip(`${image.ref} is a stand-in on this machine`)
    for (const path of ['/', '/slow?ms=1200', '/slow-query?ms=1500', '/nothing'])
      await get(`https://${site('stage')}${path}`)
    await get(`https://${site('stage')}/fail`)
    const password = (await openStore({ path: at('secrets.age'), key: at('age.key') }))
      .get('brd-infra-old/traefik-admin')
      .reveal()
    const headers = {
      authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`,
    }
    const { panels } = JSON.parse(ground.manager.root('cat /etc/brd/dashboards/stage.json')) as {
      panels: { title: string; targets: [{ expr: string }] }[]
    }
    const missing = new Map(
      panels.map(({ title, targets: [{ expr }] }) => [title, expr.replaceAll('$__auto', '5m')]),
    )
    assert.is(missing.size, 8)
    await waitUntil(
      'each panel has rows',
      async () => {
        for (const [title, expr] of missing) {
          const { status, body } = await get(
            `https://loki.old.brd.example/loki/api/v1/query_range?query=${encodeURIComponent(expr)}`,
            {
              headers,
            },
          )
          assert.is(status, 200, `${title}: ${body}`)
          if (JSON.parse(body).data.result.length > 0) missing.delete(title)
        }
        return missing.size === 0
      },
      90,
    ).catch(() => assert.equal([...missing.keys()], [], 'panels without rows'))
  })

  test('Grafana shows them', async () => {
    const image = (await needLab()).images.find(({ ref }) => ref.startsWith('grafana/grafana:'))
    if (image?.standIn) skip(`${image.ref} is a stand-in on this machine`)
    const password = (await openStore({ path: at('secrets.age'), key: at('age.key') }))
      .get('brd-infra-old/grafana-admin')
      .reveal()
    const headers = {
      authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`,
    }
    for (const name of names)
      await waitUntil(
        `Grafana has the dashboard of ${name}`,
        async () =>
          (
            await get(`https://grafana.old.brd.example/api/dashboards/uid/brd-env-${name}`, {
              headers,
            })
          ).status === 200,
        90,
      )
  })
}
