import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { buildRouteLabels } from '../../../lib/compose/routing.ts'

const route = { name: 'stage-nginx', port: 80, network: 'proxy' }

test('one host name, no middleware', () =>
  assert.equal(buildRouteLabels({ ...route, host: 'a.example' }), {
    'traefik.enable': 'true',
    'traefik.swarm.network': 'proxy',
    'traefik.http.routers.stage-nginx.rule': 'Host(`a.example`)',
    'traefik.http.routers.stage-nginx.entrypoints': 'websecure',
    'traefik.http.routers.stage-nginx.tls.certresolver': 'acme',
    'traefik.http.services.stage-nginx.loadbalancer.server.port': '80',
  }))

test('several host names are one router', () =>
  assert.is(
    buildRouteLabels({ ...route, host: ['a.example', 'www.a.example'] })[
      'traefik.http.routers.stage-nginx.rule'
    ],
    'Host(`a.example`) || Host(`www.a.example`)',
  ))

test('retries are a middleware of its own name, after the others; attempts count the first', () => {
  const labels = buildRouteLabels({
    ...route,
    host: 'a.example',
    middlewares: ['auth@file'],
    retries: 3,
  })
  assert.is(labels['traefik.http.routers.stage-nginx.middlewares'], 'auth@file,stage-nginx-retry')
  assert.is(labels['traefik.http.middlewares.stage-nginx-retry.retry.attempts'], '4')
})

test.run()
