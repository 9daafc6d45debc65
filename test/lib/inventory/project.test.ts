import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readSettings } from '../../../lib/inventory/load-project.ts'
import { findProject } from '../../../lib/inventory/project.ts'
import { readSource } from '../../../lib/inventory/read-source.ts'
import { root } from '../../support/run-playbook.ts'
import { complaints } from './sample.ts'

/** A folder outside the repository; it is removed at the end. */
const withFolder = async (body: (folder: string) => unknown): Promise<void> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'brdtest-project-')))
  try {
    await body(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const play = (script: string, flags: readonly string[], cwd: string) =>
  spawnSync(
    process.execPath,
    [
      '--import',
      join(root, 'lib/preload.mjs'),
      join(root, 'node_modules/zx/build/cli.js'),
      script,
      ...flags,
    ],
    { cwd, encoding: 'utf8', env: { ...process.env, BRD_RUNS: undefined } },
  )

/** Writes a project of one server, this machine, and a playbook two folders below its root. */
const writeProject = (folder: string, hosts: string | null): string => {
  mkdirSync(join(folder, 'plays/web'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  if (hosts !== null) writeFileSync(join(folder, 'hosts.yaml'), hosts)
  const playbook = join(folder, 'plays/web/hello.ts')
  writeFileSync(
    playbook,
    `import { file } from '${root}/lib/operations/file.ts'
import { playbook } from '${root}/lib/playbook.ts'

const run = await playbook(import.meta)
await run.play(run.hosts('all'), ({ name, vars }) => [
  file({
    path: '${folder}/motd',
    content: \`\${name}: \${vars['greeting']} \${process.env['GREETED']}\\n\`,
  }),
])
`,
  )
  return playbook
}

test('the nearest folder upwards with hosts.yaml is the project', () =>
  withFolder(folder => {
    mkdirSync(join(folder, 'a/b'), { recursive: true })
    writeFileSync(join(folder, 'a/hosts.yaml'), '')
    const expected = { root: join(folder, 'a'), inventory: join(folder, 'a/hosts.yaml') }
    assert.equal(findProject(join(folder, 'a/b')), expected)
    assert.equal(findProject(join(folder, 'a')), expected)
  }))

test('-i names another file; the project stays the nearest one', () =>
  withFolder(folder => {
    mkdirSync(join(folder, 'a'), { recursive: true })
    const inventory = join(folder, 'other/hosts.yaml')
    assert.equal(findProject(join(folder, 'a'), inventory), {
      root: join(folder, 'other'),
      inventory,
    })
    writeFileSync(join(folder, 'a/hosts.yaml'), '')
    assert.equal(findProject(join(folder, 'a'), inventory), { root: join(folder, 'a'), inventory })
  }))

test('no hosts.yaml anywhere: the error names the folder and the way out', () =>
  withFolder(async folder => {
    const [problem = ''] = await complaints(() => findProject(folder))
    assert.match(problem, `there is no hosts.yaml in ${folder} or in any folder above it`)
  }))

test('a playbook outside the repository plays on the hosts of its own project', () =>
  withFolder(folder => {
    const playbook = writeProject(
      folder,
      'clusters: {mine: {servers: {web1: {address: local, vars: {greeting: hello}}}}}\n',
    )
    writeFileSync(join(folder, '.env'), 'GREETED=you\n')
    const check = play(playbook, ['--check', '--diff'], root)
    assert.is(check.status, 0, check.stderr)
    assert.match(check.stdout, /web1: hello you/)
    assert.not.match(check.stdout, /infra-stage/)
    const run = play(playbook, [], folder)
    assert.is(run.status, 0, run.stdout + run.stderr)
    assert.is(readFileSync(join(folder, 'motd'), 'utf8'), 'web1: hello you\n')
    assert.ok(realpathSync(join(folder, '.runs')), 'its record is below its own root')
  }))

test('settings.ts declares the settings of the roles and the free variables', () =>
  withFolder(folder => {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(
      join(folder, 'settings.ts'),
      `import * as z from 'zod'
import { declareSettings, format } from '${root}/lib/settings.ts'

const web = declareSettings({
  role: 'web',
  settings: { site: z.strictObject({ port: format.port.default(80), name: format.dnsName }) },
  check: ({ servers, problem }) =>
    servers
      .filter(({ name }) => name === 'bad')
      .map(({ path }) => problem(path, 'is not the name of a web server', 'key')),
})
export const settings = [web]
export const vars = z.object({ colour: z.enum(['red', 'blue']) })
`,
    )
    const ask = (hosts: string, question: string) => {
      writeFileSync(join(folder, 'hosts.yaml'), hosts)
      const { stdout, stderr } = play(join(root, 'scripts/why.ts'), [question], folder)
      return stdout + stderr
    }
    assert.match(ask('servers: {a: {address: local}}\n', 'a.site.port'), /^a\.site\.port = 80$/m)
    const wrong =
      'servers:\n  bad: {address: local, sit: 1}\n  a: {address: b.example, vars: {color: red}}\n'
    const said = ask(wrong, 'a.site')
    assert.match(said, 'hosts.yaml:2:3: servers.bad: is not the name of a web server')
    assert.match(said, 'hosts.yaml:2:25: servers.bad.sit: unknown key; did you mean "site"?')
    assert.match(said, 'hosts.yaml:3:34: servers.a.vars.color: unknown key; did you mean "colour"?')
  }))

test('a playbook without a project is bad input, and nothing is played', () =>
  withFolder(folder => {
    const { status, stderr } = play(writeProject(folder, null), ['--check'], root)
    assert.is(status, 1)
    assert.match(stderr, `there is no hosts.yaml in ${join(folder, 'plays/web')}`)
    assert.match(stderr, '-i FILE')
  }))

test('scripts find the project from the working directory', () =>
  withFolder(folder => {
    writeProject(folder, 'servers: {web1: {address: local, port: 2222}}\n')
    const { stdout, stderr } = play(
      join(root, 'scripts/why.ts'),
      ['web1.port'],
      join(folder, 'plays'),
    )
    assert.match(stdout, /^web1\.port = 2222$/m, stderr)
  }))

test('what is there and cannot be read is not taken for absent', () =>
  withFolder(async folder => {
    const inner = join(folder, 'inner')
    mkdirSync(inner)
    writeFileSync(join(folder, 'hosts.yaml'), '')
    symlinkSync('nothing', join(inner, 'hosts.yaml'))
    assert.equal(await complaints(() => findProject(inner)), [
      `${join(inner, 'hosts.yaml')}: is a symlink to nothing`,
    ])
    symlinkSync('settings.ts', join(folder, 'settings.ts'))
    assert.equal(await complaints(() => readSettings(folder)), [
      `${join(folder, 'settings.ts')}: cannot be read (ELOOP)`,
    ])
    rmSync(join(folder, 'hosts.yaml'))
    mkdirSync(join(folder, 'hosts.yaml'))
    writeFileSync(join(folder, 'hosts.mjs'), 'export default base => base\n')
    assert.equal(await complaints(() => readSource(join(folder, 'hosts.mjs'))), [
      `${join(folder, 'hosts.yaml')}: is a folder, not a file`,
    ])
  }))

test.run()
