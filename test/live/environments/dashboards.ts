import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { labPath } from '../../../lib/inventory/lab-home.ts'
import { requireLab } from '../../../lib/inventory/lab-state.ts'
import { openStore } from '../../../lib/secrets/store.ts'
import { getFromLab } from '../../../scripts/lab/reach.ts'
import { skip } from '../../../scripts/test/skip.ts'
import { labelsOf, logsOf } from '../../support/logs.ts'
import { waitUntil } from '../../support/run-playbook.ts'
import { type Ground, names, site, stacksOf } from './ground.ts'

/** That the logs of what happens are there to be looked at. */
export const dashboards = (test: Test, ground: Ground): void => {
  test('what each container says arrives with its labels', async () => {
    const logs = await logsOf('brd-infra-old', 'old.brd.example')
    const missing = spoken(ground)
    const named = [...missing.values()].map(({ service_name }) => service_name)
    for (const service of ['stage_nginx', 'old-prod_php', 'stage-data_mariadb', 'traefik_traefik'])
      assert.ok(named.includes(service), service)
    await waitUntil(
      'each has a line',
      async () => {
        for (const [id, labels] of missing)
          if ((await logs.find(labels)).length > 0) missing.delete(id)
        return missing.size === 0
      },
      90,
    ).catch(() => assert.equal([...missing.values()], [], 'containers without lines'))
  })

  test('what each panel of the dashboard looks for has just arrived', async () => {
    const logs = await logsOf('brd-infra-old', 'old.brd.example')
    for (const path of ['/', '/slow?ms=1200', '/slow-query?ms=1500', '/nothing'])
      await getFromLab(`https://${site('stage')}${path}`)
    await getFromLab(`https://${site('stage')}/fail`)
    const panels = panelsOf(ground)
    assert.equal([...panels.keys()], Object.keys(inLogsQl), 'each panel has its words in LogsQL')
    const missing = new Map(logs.isLoki ? panels : Object.entries(inLogsQl))
    await waitUntil(
      'each panel has rows',
      async () => {
        for (const [title, query] of missing) {
          const rows = await (logs.isLoki ? logs.countLogQl(query) : logs.countLogsQl(query))
          if (rows > 0) missing.delete(title)
        }
        return missing.size === 0
      },
      90,
    ).catch(() => assert.equal([...missing.keys()], [], 'panels without rows'))
  })

  test("the dashboard's own questions are answered by Loki", async () => {
    const logs = await logsOf('brd-infra-old', 'old.brd.example')
    if (!logs.isLoki)
      skip('no registry gives Loki on this machine: VictoriaLogs does not answer LogQL')
    for (const [title, query] of panelsOf(ground))
      assert.ok((await logs.countLogQl(query)) > 0, `${title}: ${query}`)
  })

  test('Grafana shows them', async () => {
    const image = (await requireLab()).images.find(({ ref }) => ref.startsWith('grafana/grafana:'))
    if (image?.standIn) skip(`${image.ref} is a stand-in on this machine`)
    const password = (await openStore({ path: labPath('secrets.age'), key: labPath('age.key') }))
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
            await getFromLab(`https://grafana.old.brd.example/api/dashboards/uid/brd-env-${name}`, {
              headers,
            })
          ).status === 200,
        90,
      )
  })
}

/** The labels, by container, of those of the old cluster that have said something. */
const spoken = (ground: Ground): Map<string, Record<string, string>> => {
  const nodes = { 'old-one': ground.hostOf('stage'), 'old-two': ground.hostOf('old-prod') }
  const found = Object.entries(nodes).flatMap(([node, host]) => {
    const here = ground.containers().filter(container => container.host === host)
    const ids = here.map(({ id }) => id).join(' ')
    const script = `for id in ${ids}; do
  [ -z "$(docker logs --tail 1 $id 2>&1)" ] || echo $id
done`
    const speaking = host.root(script).split('\n')
    return here
      .filter(({ id }) => speaking.includes(id))
      .map(container => {
        const environment = names.find(name => stacksOf(name).includes(container.stack))
        return [container.id, labelsOf(container, node, environment)] as const
      })
  })
  return new Map(found)
}

/** The queries of the dashboard of stage as it was deployed, by their panels' titles. */
const panelsOf = (ground: Ground): Map<string, string> => {
  const { panels } = JSON.parse(ground.manager.root('cat /etc/brd/dashboards/stage.json')) as {
    panels: { title: string; targets: [{ expr: string }] }[]
  }
  return new Map(
    panels.map(({ title, targets: [{ expr }] }) => [title, expr.replaceAll('$__auto', '5m')]),
  )
}

const requests = '{environment="stage", service="nginx"} | unpack_json fields (status, seconds)'
const complaints = '{environment="stage", service=~"php|worker|cron"} | unpack_json fields (level)'

/** What each panel looks for, in the language of VictoriaLogs. */
const inLogsQl: Readonly<Record<string, string>> = {
  'Requests by status': `${requests} | filter status:~"^[1-5]"`,
  'Slow requests (over 1 s)': `${requests} | filter seconds:>1`,
  'Seconds, 95 of 100 are faster': `${requests} | filter seconds:>0`,
  'PHP errors': `${complaints} | filter level:="error"`,
  'Failed and slow requests': `${requests} | filter status:>=500 or seconds:>1`,
  'PHP, worker and cron: errors and warnings': `${complaints} | filter level:~"^(error|warning)$"`,
  'MariaDB: slow queries': '{environment="stage", service="slowlog"}',
  'MariaDB and Redis': '{environment="stage", service=~"mariadb|redis"}',
}
