import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sample } from '../lib/inventory/sample.ts'
import { root, zx } from '../support/run.ts'

let folder: string
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'brd-images-'))
  const app = `vars: {site: staged}, bucket: {name: abc}, app: {images: {app: 'registry.example/shop:v1'}, registry: {address: registry.example, user: ci}, build: {context: nowhere}}`
  writeFileSync(join(folder, 'hosts.yaml'), sample.replace('vars: {site: staged}', app))
})
test.after(() => rmSync(folder, { recursive: true }))

const script = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise(resolve => {
    const words = [...zx('scripts/images.ts'), ...args, '--inventory', join(folder, 'hosts.yaml')]
    // No engine: what is asked of one comes after all that can be found to be wrong.
    const env = { ...process.env, DOCKER_HOST: `unix://${folder}/none.sock`, BRD_AGE_KEY_FILE: join(folder, 'none.key') }
    const child = execFile(process.execPath, words, { cwd: root, timeout: 60_000, env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
    child.stdin?.end()
  })

const rows: Record<string, [words: string, ...errors: (RegExp | string)[]]> = {
  'a command that there is not': ['bild', 'there is no command bild; did you mean "build"?'],
  'no environment': ['build', 'build: --env is missing'],
  'an environment that there is not': ['build --env stag', '--env stag: no such environment; did you mean "stage"?'],
  'an image that there is not': ['build ap --env stage', 'there is no image ap; did you mean'],
  'a flag that there is not': ['carry --env stage --chek', "Unknown option '--chek'"],
  'a flag of another command': ['push --env stage --check', 'push: --check is for carry'],
  'a time that is none': ['carry --env stage --minutes soon', '--minutes soon: is not a number of minutes'],
  'a folder that is not there, with the place that names it': ['build app --env stage', /hosts\.yaml:16:\d+: there is no .*\/nowhere/],
  'an image of another registry': ['push walg --env stage', /: brd\/walg:3\.0\.9 is not of the registry registry\.example/],
  'an image of a registry that shall be carried': [
    'carry --env stage',
    /hosts\.yaml:16:\d+: registry\.example\/shop:v1 is the name of an image that a registry has/,
  ],
  'an environment without an application': ['carry app --env live', 'environments.live: app.images.app is set nowhere'],
  'an environment without a registry': ['push --env live', 'environments.live: app.registry.address is set nowhere'],
}

test('what is wrong is told before Docker or a host is asked, and the exit code is 1', async () => {
  for (const [title, [words, ...errors]] of Object.entries(rows)) {
    const { code, err, out } = await script(...words.split(' '))
    assert.equal([title, code, out], [title, 1, ''], err)
    for (const error of errors) assert.ok(typeof error === 'string' ? err.includes(error) : error.test(err), `${title}: ${err}`)
  }
})

test('an engine that does not answer is a failure, told as one', async () => {
  const { code, err } = await script('build', 'runtime', '--env', 'stage')
  assert.equal([code, /^no Docker engine answers on this machine/.test(err)], [2, true], err)
})

test('help', async () => {
  const { code, out } = await script('--help')
  assert.is(code, 0)
  for (const word of ['build', 'push', 'carry', '--env', '--release', '--check']) assert.ok(out.includes(word), word)
})

test.run()
