import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { carryImage, saveImage } from '../../../lib/images/carry.ts'
import type { DockerImage } from '../../../lib/images/docker-client.ts'
import type { ImageNode } from '../../../lib/images/image-node.ts'
import { makeDockerShim } from '../../support/docker-shim.ts'

const id = (letter: string): string => `sha256:${letter.repeat(64)}`
const image: DockerImage = { id: id('a'), print: '2026-11-01T00:00:00Z ["sha256:1"]', size: 100 }
const other: DockerImage = { ...image, id: id('b'), print: '2026-10-01T00:00:00Z ["sha256:2"]' }
const ref = 'localhost/app:v1'

/** A node that has these images, by their names and ids. What is loaded there is `gets`. */
const fake = (has: Record<string, DockerImage>, gets: DockerImage = image) => {
  const done: string[] = []
  const node: ImageNode = {
    host: 'one',
    look: async names => names.map(name => has[name] ?? null),
    load: async () => {
      done.push('load')
      has[gets.id] = gets
      return gets.id
    },
    name: async (of, name) => void done.push(`tag ${of} ${name}`),
    close: async () => {},
  }
  return { node, done }
}

const rows: Record<
  string,
  [has: Record<string, DockerImage>, gets: DockerImage, id: string, done: string[]]
> = {
  'an image that is absent is loaded, then named': [
    {},
    image,
    image.id,
    ['load', `tag ${image.id} ${ref}`],
  ],
  'one that is there under its name is left alone': [{ [ref]: image }, image, image.id, []],
  'one that is there by its id gets its name': [
    { [image.id]: image },
    image,
    image.id,
    [`tag ${image.id} ${ref}`],
  ],
  'another one under that name gives way once the new one is there': [
    { [ref]: other },
    image,
    image.id,
    ['load', `tag ${image.id} ${ref}`],
  ],
  'an engine that calls it otherwise: the same by what is in it': [
    { [ref]: { ...image, id: id('c') } },
    image,
    id('c'),
    [],
  ],
  'loaded where it is called otherwise': [
    {},
    { ...image, id: id('c') },
    id('c'),
    ['load', `tag ${id('c')} ${ref}`],
  ],
}
for (const [title, [has, gets, expected, done]] of Object.entries(rows))
  test(title, async () => {
    const it = fake(has, gets)
    assert.is(
      (await carryImage({ words: ['docker'], env: {} }, it.node, image, ref, () => {})).id,
      expected,
    )
    assert.equal(it.done, done)
  })

test('what was loaded and is not the same gets no name', async () => {
  const it = fake({}, other)
  const error = await carryImage(
    { words: ['docker'], env: {} },
    it.node,
    image,
    ref,
    () => {},
  ).catch((reason: Error) => reason.message)
  assert.match(String(error), /one: the loaded image is not localhost\/app:v1/)
  assert.equal(it.done, ['load'])
})

const never = new AbortController().signal

test('an image is written compressed and whole, and what is written to is ended', async () => {
  const it = makeDockerShim('head -c 3000000 /dev/zero')
  const to = new PassThrough()
  let most = 0
  const [bytes] = await Promise.all([
    buffer(to),
    saveImage({ words: [it.program], env: {} }, image.id, to, never, n => (most = n)),
  ])
  assert.is(gunzipSync(bytes).length, 3_000_000)
  assert.equal([most, it.calls()], [3_000_000, [`save ${image.id}`]])
  it.remove()
})

test('where saving fails nothing ends as if it were whole', async () => {
  const it = makeDockerShim('head -c 3000000 /dev/urandom; echo "no space left" >&2; exit 1')
  const to = new PassThrough()
  const parts: Buffer[] = []
  to.on('data', part => parts.push(part))
  const error = await saveImage(
    { words: [it.program], env: {} },
    image.id,
    to,
    never,
    () => {},
  ).catch((reason: Error) => reason.message)
  assert.match(String(error), 'docker save: no space left')
  assert.not(to.writableEnded)
  assert.throws(() => gunzipSync(Buffer.concat(parts)), /unexpected end/)
  it.remove()
})

test('a reader that stops is waited for no longer than the signal allows', async () => {
  const it = makeDockerShim('exec cat /dev/zero')
  const stop = new AbortController()
  const to = new PassThrough({ highWaterMark: 1 })
  const writing = saveImage({ words: [it.program], env: {} }, image.id, to, stop.signal, () => {})
  setTimeout(() => stop.abort(), 100)
  assert.is(await writing.catch((reason: Error) => reason.name), 'AbortError')
  it.remove()
})

test.run()
