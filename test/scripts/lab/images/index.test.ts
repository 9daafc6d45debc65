import { readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { provide } from '../../../../scripts/lab/images/index.ts'
import { fakeDocker, unreachable, withCache } from './fake.ts'

const refs = ['grafana/grafana:13.2.3', 'portainer/agent:2.45.0']

test('with a registry everything is the real one, and nothing is built', () =>
  withCache(async cache => {
    const { docker, count } = fakeDocker(() => ({}))
    const found = await provide({ docker, cache, say: () => {}, refs })
    assert.equal(
      found.map(({ image, source, standIn }) => [image, source, standIn]),
      refs.map(ref => [ref, 'registry', false]),
    )
    assert.is(count('build'), 0)
  }))

test('without one, what has no package is a stand-in by name, by label and in the result', () =>
  withCache(async cache => {
    const { docker, images, asked } = fakeDocker(unreachable)
    const [grafana] = await provide({ docker, cache, say: () => {}, refs })
    assert.is(grafana?.image, 'brd-lab/stand-in/grafana/grafana:13.2.3')
    assert.ok(grafana?.standIn)
    assert.is(images.get(grafana?.image ?? '')?.['brd.lab.stand-in'], '1')
    const context = asked.find(([verb]) => verb === 'build')?.at(-1)
    assert.match(await readFile(`${context}/Dockerfile`, 'utf8'), 'ENTRYPOINT ["/run.sh"]')
  }))

test('a second call builds nothing and answers the same', () =>
  withCache(async cache => {
    const { docker, count } = fakeDocker(unreachable)
    const request = { docker, cache, say: () => {}, refs }
    const first = await provide(request)
    assert.equal(await provide(request), first)
    assert.is(count('build'), refs.length)
  }))

test('an image without a recipe comes from a registry or not at all', () =>
  withCache(async cache => {
    const { docker } = fakeDocker(unreachable)
    const failed = await provide({ docker, cache, say: () => {}, refs: ['unheard/of:1'] }).catch(
      (error: Error) => error.message,
    )
    assert.match(String(failed), /^unheard\/of:1: no source has it\n {2}not from a registry: /)
  }))

test.run()
