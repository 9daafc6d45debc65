import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isSilence, openRegistry } from '../../../../scripts/lab/images/registry.ts'
import { fakeDocker, unreachable, withCache } from './fake.ts'

const say = () => {}
const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'no failure',
    (error: Error) => error.message,
  )

test('what is pulled keeps its name, and its version is the one in its label', () =>
  withCache(async cache => {
    const { docker } = fakeDocker(() => ({ 'org.opencontainers.image.version': 'v3.7.11' }))
    const found = await openRegistry({ docker, cache, say })('traefik:v3.7')
    assert.equal(found, {
      ref: 'traefik:v3.7',
      image: 'traefik:v3.7',
      source: 'registry',
      version: 'v3.7.11',
      standIn: false,
      from: 'a registry',
    })
  }))

test('what is on the engine is not pulled again', () =>
  withCache(async cache => {
    const { docker, count } = fakeDocker(() => ({}))
    const pull = openRegistry({ docker, cache, say })
    assert.is((await pull('redis:7')).version, '7')
    await pull('redis:7')
    assert.is(count('pull'), 1)
  }))

test('a registry that cannot be reached is asked once, and not by the next call either', () =>
  withCache(async cache => {
    const { docker, count } = fakeDocker(unreachable)
    const pull = openRegistry({ docker, cache, say })
    assert.is(
      await failure(pull('a:1')),
      'Get "https://registry/v2/": dial tcp: lookup registry: no such host',
    )
    assert.is(await failure(pull('b:1')), 'no registry answers')
    assert.is(await failure(openRegistry({ docker, cache, say })('c:1')), 'no registry answers')
    assert.is(count('pull'), 1)
  }))

test('one that answers with a refusal is asked for the next image', () =>
  withCache(async cache => {
    const { docker, count } = fakeDocker(() => {
      throw new Error('Error response from daemon: manifest for a:1 not found: manifest unknown')
    })
    const pull = openRegistry({ docker, cache, say })
    await failure(pull('a:1'))
    await failure(pull('b:1'))
    assert.is(count('pull'), 2)
  }))

const silences = {
  'dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host': true,
  'net/http: TLS handshake timeout': true,
  'dial tcp 1.2.3.4:443: connect: connection refused': true,
  'docker pull a:1: ended after 600 s': true,
  'toomanyrequests: You have reached your pull rate limit': false,
  'pull access denied for a, repository does not exist': false,
}
for (const [error, silent] of Object.entries(silences))
  test(error, () => assert.is(isSilence(error), silent))

test.run()
