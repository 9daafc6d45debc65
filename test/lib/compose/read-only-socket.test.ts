import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { renderSocketProxy } from '../../../lib/compose/read-only-socket.ts'

const config = renderSocketProxy(['/services', '/containers/json', '/containers/ID/logs'])
const allowed = [...config.matchAll(/^ {4}"~(.*)" 0;$/gm)].map(([, text = '']) => new RegExp(text))
const passes = (request: string): boolean => allowed.some(pattern => pattern.test(request))

test('what is listed passes, in any version of the API, with its query', () => {
  for (const request of [
    'GET /_ping',
    'HEAD /_ping',
    'GET /version',
    'GET /v1.44/services',
    'GET /v1.44/services?filters=%7B%7D',
    'GET /containers/json?all=1',
    'GET /v1.24/containers/0123abc/logs?follow=1',
    'GET /containers/stage_web.1.x-y/logs',
  ])
    assert.ok(passes(request), request)
})

test('nothing else does: no other method, path, or way of writing one', () => {
  for (const request of [
    'POST /services/create',
    'POST /v1.44/services',
    'DELETE /services',
    'GET /services/create',
    'GET /servicesx',
    'GET /v1.44/secrets',
    'GET /v2/services',
    'GET /x/v1.44/services',
    'GET /v1.44//services',
    'GET /services/../containers/create',
    'GET /containers/../images/json',
    'GET /containers/a/../../exec/logs',
    'GET /containers/a%2Flogs',
    'GET /containers/a/b/logs',
    'GET /containers/a/archive?path=/run/secrets',
    'GET /containers/a/attach/ws',
    'GET /containers/.a/logs',
    'GET /%5Fping',
    'get /_ping',
    'GET http://docker/containers/a/archive /_ping',
    'PUT /_ping\nGET /_ping',
  ])
    assert.not.ok(passes(request), request)
})

test.run()
