import { execFile } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { OwnImage } from '../../lib/images/recipes.ts'
import { explainVariable } from '../../lib/inventory/why.ts'
import { buildAll } from '../../scripts/images/build.ts'
import { carryAll } from '../../scripts/images/carry.ts'
import { pushAll } from '../../scripts/images/push.ts'
import { complaints, inventory, sample } from '../lib/inventory/sample.ts'
import { root, zxArguments } from '../support/run-playbook.ts'

const found = inventory(
  sample.replace(
    'vars: {site: staged}',
    "bucket: {name: abc}, backups: {bucket: {name: abc-backups}}, app: {images: {app: 'registry.example/shop:v1'}, registry: {address: registry.example, user: ci}, build: {context: nowhere}}",
  ),
)

/** What a command complains of, before Docker is asked for. */
const asked = (command: typeof buildAll, environment: string, ...images: OwnImage[]) =>
  complaints(() =>
    command({
      asked: {
        entry: found.environments.get(environment)!,
        root,
        file: '/here/hosts.yaml',
        place: option =>
          explainVariable(found, `${environment}.${option}`).settings[0]?.place ?? '',
        here: ref => ref,
      },
      images,
      lab: null,
      client: () => Promise.reject(new Error('Docker was asked for')),
      signal: new AbortController().signal,
      check: false,
      minutes: 1,
    }),
  )

const rows: Record<string, [complaints: Promise<string[]>, expected: string]> = {
  'a folder that is not there': [
    asked(buildAll, 'stage', 'app'),
    'hosts.yaml:16:225: there is no /here/nowhere',
  ],
  'an application whose folder is not written': [
    asked(buildAll, 'live', 'app'),
    'environments.live: app.images.app is required',
  ],
  'an environment without a registry': [
    asked(pushAll, 'live'),
    'environments.live: app.registry.address is required',
  ],
  'an image of another registry': [
    asked(pushAll, 'stage', 'walg'),
    'default: brd/walg:3.0.9 is not in the registry registry.example',
  ],
  'an image of a registry that shall be carried': [
    asked(carryAll, 'stage'),
    'hosts.yaml:16:130: registry.example/shop:v1 is the name of an image in a registry',
  ],
  'an environment without an application': [
    asked(carryAll, 'live', 'app'),
    'environments.live: app.images.app is required',
  ],
  'what no node runs': [
    asked(carryAll, 'stage', 'runtime'),
    'runtime: runs on no node: it is the base of the application',
  ],
}
for (const [title, [found, expected]] of Object.entries(rows))
  test(`${title}: told with its place, before Docker is asked for`, async () =>
    assert.equal(await found, [expected]))

const script = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise(resolve => {
    const env = { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock' }
    const options = { cwd: root, timeout: 60_000, env }
    const child = execFile(
      process.execPath,
      [...zxArguments('scripts/images.ts'), ...args],
      options,
      (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
    child.stdin?.end()
  })

const lines: Record<string, [words: string, code: number, error: RegExp]> = {
  'a command that there is not': ['bild', 1, /^unknown command bild; did you mean "build"\?/],
  'an image that there is not': [
    'build walk --env stage',
    1,
    /^unknown image walk; did you mean "walg"\?/,
  ],
  'a flag of another command': ['push --env stage --check', 1, /^push: --check is a flag of carry/],
  'an environment that there is not': [
    'carry --env stag',
    1,
    /^--env stag: no such environment; did you mean "stage"\?/,
  ],
  'an engine that does not answer is a failure': [
    'build runtime --env stage',
    2,
    /^no Docker engine answers on this machine/,
  ],
}
for (const [title, [words, code, error]] of Object.entries(lines))
  test(title, async () => {
    const ended = await script(...words.split(' '))
    assert.equal([ended.code, ended.out, error.test(ended.err)], [code, '', true], ended.err)
  })

test('help', async () => {
  const { code, out } = await script('--help')
  assert.is(code, 0)
  for (const word of ['build', 'push', 'carry', '--env', '--release', '--check', '--minutes'])
    assert.ok(out.includes(word), word)
})

test.run()
