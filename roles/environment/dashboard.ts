import type { EnvironmentOptions } from './options.ts'

const loki = { type: 'loki', uid: 'loki' } as const

/** Where Grafana's host keeps the dashboards that it reads while it runs. */
export const DASHBOARD_FOLDER = '/etc/brd/dashboards'

/**
 * The environment's dashboard: its requests by status, the slow ones, and what its PHP and its
 * database complain of. From its logs alone.
 */
export const renderDashboard = ({
  name,
  hosts,
}: Pick<EnvironmentOptions, 'name' | 'hosts'>): string => {
  const of = (service: string): string => `{environment="${name}", service=~"${service}"}`
  const requests = `${of('nginx')} | json`
  const panels = [
    makeChart(
      'Requests by status',
      `sum by (class) (count_over_time(${requests} ` +
        '| label_format class=`{{ substr 0 1 .status }}xx` [$__auto]))',
      '{{class}}',
    ),
    makeChart(
      'Slow requests (over 1 s)',
      `sum (count_over_time(${requests} | seconds > 1 [$__auto]))`,
      'slow',
    ),
    makeChart(
      'Seconds, 95 of 100 are faster',
      `quantile_over_time(0.95, ${requests} | unwrap seconds [$__auto]) by ()`,
      'p95',
    ),
    makeChart(
      'PHP errors',
      `sum by (service) (count_over_time(${of('php|worker|cron')} ` +
        '| json | level="error" [$__auto]))',
      '{{service}}',
    ),
    makeLogPanel('Failed and slow requests', `${requests} | status >= 500 or seconds > 1`),
    makeLogPanel(
      'PHP, worker and cron: errors and warnings',
      `${of('php|worker|cron')} | json | level=~"error|warning"`,
    ),
    makeLogPanel('MariaDB: slow queries', of('slowlog')),
    makeLogPanel('MariaDB and Redis', of('mariadb|redis')),
  ]
  return `${JSON.stringify(
    {
      uid: `brd-env-${name}`,
      title: `${name} (${hosts[0] ?? ''})`,
      tags: ['brd', 'environment'],
      timezone: 'browser',
      schemaVersion: 39,
      editable: false,
      refresh: '30s',
      time: { from: 'now-1h', to: 'now' },
      panels: panels.map((panel, i) => ({
        id: i + 1,
        ...panel,
        gridPos: { h: 8, w: 12, x: (i % 2) * 12, y: Math.floor(i / 2) * 8 },
      })),
    },
    null,
    2,
  )}\n`
}

const makeTarget = (expr: string) => ({ refId: 'A', datasource: loki, expr, queryType: 'range' })

const makeChart = (title: string, expr: string, legendFormat: string) => ({
  type: 'timeseries',
  title,
  datasource: loki,
  fieldConfig: {
    defaults: {
      unit: 'short',
      custom: { drawStyle: 'bars', fillOpacity: 60, lineWidth: 0, stacking: { mode: 'normal' } },
    },
    overrides: [],
  },
  options: {
    legend: { displayMode: 'list', placement: 'bottom' },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  targets: [{ ...makeTarget(expr), legendFormat }],
})

const makeLogPanel = (title: string, expr: string) => ({
  type: 'logs',
  title,
  datasource: loki,
  options: {
    showTime: true,
    wrapLogMessage: true,
    enableLogDetails: true,
    sortOrder: 'Descending',
    dedupStrategy: 'none',
  },
  targets: [makeTarget(expr)],
})
