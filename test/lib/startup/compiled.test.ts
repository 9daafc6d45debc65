import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { skip } from '../../../scripts/test/skip.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const zx = [
  '--import',
  pathToFileURL(join(root, 'lib/preload.mjs')).href,
  join(root, 'node_modules/.bin/zx'),
]

type Files = Readonly<Record<string, string>>
type Project = { readonly path: string; readonly cache: string }

const write = (folder: string, files: Files): void => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
}

const made: string[] = []

/** A project outside this repository, in a folder with a space in its name, and an empty cache. */
const projectOf = (files: Files): Project => {
  const home = mkdtempSync(join(tmpdir(), 'brdtest startup-'))
  made.push(home)
  const [path, cache] = [join(home, 'a project'), join(home, 'cache')]
  mkdirSync(cache, { mode: 0o700 })
  write(path, { 'package.json': '{"type":"module"}', ...files })
  return { path, cache }
}

const environment = ({ cache }: Project) => ({
  ...process.env,
  XDG_CACHE_HOME: cache,
  BRD_EXPLAIN_STARTUP: '1',
})

const run = (project: Project, script = 'x.ts', ...words: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [...zx, join(project.path, script), ...words], {
    env: environment(project),
    encoding: 'utf8',
  })

/** What a run printed, and what it says of itself: compiled, kept from earlier, or its source. */
const outcome = ({ stdout, stderr, status }: SpawnSyncReturns<string>) => ({
  stdout: stdout.trim(),
  status,
  startup: /^startup: (compiled earlier|compiled|the source runs)/m.exec(stderr)?.[1],
})

const ran = (stdout: string, startup: string) => ({ stdout, status: 0, startup })

const entry = ({ cache }: Project) => join(cache, 'brokard-infra/compiled')

const test = suite('compiled')
test.after(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

test('a script is compiled once, and again when a line of what it imports changes', () => {
  const outside = projectOf({ 'word.ts': "export const word: string = 'one'\n" })
  const project = projectOf({
    'x.ts':
      "import { role } from './roles/role.ts'\n" +
      `import { word } from '${outside.path}/word.ts'\nconsole.log(role, word)\n`,
    'roles/role.ts':
      "import json from './role.json' with { type: 'json' }\nexport const role = json.name\n",
    'roles/role.json': '{"name":"first"}',
  })
  assert.equal(outcome(run(project)), ran('first one', 'compiled'))
  assert.equal(outcome(run(project)), ran('first one', 'compiled earlier'))
  for (const name of ['x.ts', 'roles/role.ts'])
    utimesSync(join(project.path, name), new Date(), new Date())
  assert.equal(outcome(run(project)), ran('first one', 'compiled earlier'), 'the same content')
  write(project.path, { 'roles/role.json': '{"name":"other"}' })
  assert.equal(outcome(run(project)), ran('other one', 'compiled'))
  write(outside.path, { 'word.ts': "export const word: string = 'two'\n" })
  utimesSync(join(outside.path, 'word.ts'), new Date(0), new Date(0))
  assert.equal(outcome(run(project)), ran('other two', 'compiled'))
  write(project.path, { 'x.ts': "console.log('new')\n" })
  assert.equal(outcome(run(project)), ran('new', 'compiled'))
})

test("packages, tsconfig.json and Node's version have a say", () => {
  const project = projectOf({
    'x.ts':
      "import { a } from 'dep'\nimport { b } from '@/b.ts'\nconsole.log(a, b, import.meta.url.endsWith('x.ts'))\n",
    'tsconfig.json': '{"extends":"./base.json"}',
    'base.json': '{"compilerOptions":{"paths":{"@/*":["./one/*"]}}}',
    'one/b.ts': 'export const b = 1\n',
    'two/b.ts': 'export const b = 2\n',
    'node_modules/dep/package.json':
      '{"name":"dep","version":"1.0.0","type":"module","exports":"./a.js"}',
    'node_modules/dep/a.js': "export const a = 'a'\n",
    'node_modules/dep/c.js': "export const a = 'c'\n",
  })
  assert.equal(outcome(run(project)), ran('a 1 true', 'compiled'))
  write(project.path, { 'base.json': '{"compilerOptions":{"paths":{"@/*":["./two/*"]}}}' })
  assert.equal(outcome(run(project)), ran('a 2 true', 'compiled'))
  write(project.path, { 'node_modules/dep/a.js': "export const a = 'patched'\n" })
  assert.is(outcome(run(project)).stdout, 'patched 2 true', 'a package is not compiled in')
  write(project.path, {
    'node_modules/dep/package.json':
      '{"name":"dep","version":"1.0.1","type":"module","exports":"./c.js"}',
  })
  assert.equal(outcome(run(project)), ran('c 2 true', 'compiled'))
  assert.ok(
    readFileSync(join(root, 'lib/startup/cache.mjs'), 'utf8').includes('process.version'),
    'each version of Node has its own',
  )
})

test('a damaged entry is not used', () => {
  const project = projectOf({ 'x.ts': "console.log('right')\n" })
  run(project)
  const folder = entry(project)
  const [index = ''] = readdirSync(folder).filter(name => name.endsWith('.json'))
  const { name } = JSON.parse(readFileSync(join(folder, index), 'utf8'))
  writeFileSync(join(folder, name, 'script.mjs'), "console.log('planted')\n")
  assert.equal(outcome(run(project)), ran('right', 'compiled'))
  assert.equal(outcome(run(project)), ran('right', 'compiled earlier'), 'it was replaced')
  rmSync(join(folder, name), { recursive: true })
  assert.equal(outcome(run(project)), ran('right', 'compiled'))
  writeFileSync(join(folder, index), '{"inputs":[]')
  assert.equal(outcome(run(project)), ran('right', 'compiled'))
})

test('a cache that others can write in is not used', () => {
  const project = projectOf({ 'x.ts': "console.log('right')\n" })
  const cases: readonly (readonly [string, (folder: string) => void])[] = [
    ['the folder, by its group', folder => chmodSync(folder, 0o770)],
    ['the folder, by all', folder => chmodSync(folder, 0o707)],
    ['the folder above, by its group', folder => chmodSync(dirname(folder), 0o770)],
  ]
  for (const [title, open] of cases) {
    const folder = entry(project)
    rmSync(dirname(folder), { recursive: true, force: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    open(folder)
    const { stderr, ...result } = run(project)
    assert.equal(outcome({ stderr, ...result }), ran('right', 'the source runs'), title)
    assert.match(stderr, /others may write in/, title)
    assert.equal(readdirSync(folder), [], title)
  }
})

test('a cache that belongs to somebody else is not used', () => {
  if (process.getuid?.() !== 0) skip('only root can give a folder away')
  const project = projectOf({ 'x.ts': "console.log('right')\n" })
  mkdirSync(entry(project), { recursive: true, mode: 0o700 })
  chownSync(entry(project), 65534, 65534)
  const result = run(project)
  assert.equal(outcome(result), ran('right', 'the source runs'))
  assert.match(result.stderr, /belongs to user 65534/)
  chownSync(entry(project), 0, 0)
  chownSync(dirname(entry(project)), 65534, 65534)
  assert.equal(outcome(run(project)), ran('right', 'the source runs'), 'the folder above')
})

test('without a cache the source runs', () => {
  const project = projectOf({ 'x.ts': "const a: string = 'right'\nconsole.log(a)\n" })
  assert.equal(outcome(run({ ...project, cache: '/proc/1/no' })), ran('right', 'the source runs'))
})

test('a module keeps its place, and there is one of it', () => {
  const project = projectOf({
    'x.ts': [
      '#!/usr/bin/env -S npx zx',
      "import { readFileSync } from 'node:fs'",
      "import { counter, place } from './lib/counter.ts'",
      `import { importSource } from '${root}/lib/startup/import-source.ts'`,
      'counter.count++',
      "const later = await import('./lib/counter.ts')",
      'export const self = {}',
      'const again = importSource(import.meta.filename)',
      'setImmediate(async () => console.log(JSON.stringify([',
      '  import.meta, place, later.counter.count, (await again).self === self, process.argv.slice(2),',
      "  readFileSync(new URL('./lib/text', import.meta.url), 'utf8'), __filename === import.meta.filename,",
      ']))) ',
    ].join('\n'),
    'lib/counter.ts':
      'export const counter = { count: 0 }\nexport const place = import.meta.dirname\n',
    'lib/text': 'text',
  })
  const script = join(project.path, 'x.ts')
  const meta = { url: pathToFileURL(script).href, dirname: project.path, filename: script }
  for (const startup of ['compiled', 'compiled earlier']) {
    const result = outcome(run(project, 'x.ts', '--check', 'web1'))
    const expected = [
      meta,
      join(project.path, 'lib'),
      1,
      true,
      [script, '--check', 'web1'],
      'text',
      true,
    ]
    assert.equal(
      { ...result, stdout: JSON.parse(result.stdout) },
      { stdout: expected, status: 0, startup },
    )
  }
})

test('two first runs at one moment, and one that is killed while it compiles', async () => {
  const project = projectOf({
    'x.ts': `import * as all from '${root}/lib/playbook.ts'\nconsole.log(typeof all.playbook)\n`,
  })
  const begin = () =>
    spawn(process.execPath, [...zx, join(project.path, 'x.ts')], {
      env: environment(project),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const killed = begin()
  const end = new Promise(resolve => killed.on('close', resolve))
  setTimeout(() => killed.kill('SIGINT'), 300)
  await end
  const texts = await Promise.all(
    [begin(), begin(), begin()].map(async ({ stdout }) => Buffer.concat(await stdout.toArray())),
  )
  assert.equal(texts.map(String), ['function\n', 'function\n', 'function\n'])
  assert.equal(outcome(run(project)), ran('function', 'compiled earlier'))
})

test('nothing is written into the project', () => {
  const project = projectOf({ 'sub/x.ts': "console.log('right')\n" })
  chmodSync(join(project.path, 'sub'), 0o555)
  chmodSync(project.path, 0o555)
  assert.equal(outcome(run(project, 'sub/x.ts')), ran('right', 'compiled'))
  const files = readdirSync(project.path, { recursive: true }).map(String).sort()
  assert.equal(files, ['package.json', 'sub', 'sub/x.ts'])
  chmodSync(project.path, 0o755)
})

test('a stack names the line of the source', () => {
  const project = projectOf({
    'x.ts': "import { fail } from './lib/fail.ts'\n\nfail('so')\n",
    'lib/fail.ts':
      'type A = string\n\n// a comment\nexport const fail = (why: A): never => {\n  throw new TypeError(why)\n}\n',
  })
  const { status, stderr } = run(project)
  const url = pathToFileURL(project.path).href
  assert.is(status, 1)
  assert.match(stderr, 'TypeError: so\n')
  assert.match(stderr, `${url}/lib/fail.ts:5:9`)
  assert.match(stderr, `${url}/x.ts:3:1`)
})

test('an error of syntax, and a file that is missing, are named as ever', () => {
  const project = projectOf({
    'x.ts': "import './lib/broken.ts'\n",
    'lib/broken.ts': 'const a = 1\nconst = 2\n',
    'y.ts': "import './lib/missing.ts'\n",
  })
  assert.match(run(project).stderr, /broken\.ts:2/)
  assert.match(run(project, 'y.ts').stderr, /Cannot find module .*missing\.ts/)
})

test("zx's globals are there, and its way to fail", () => {
  const project = projectOf({
    'x.ts': [
      "import { $ as own } from 'zx'",
      'const { stdout } = await $`echo hello`',
      'console.log(stdout.trim(), own === $, argv.name, argv._, typeof fetch, path.basename(__filename))',
      'await $`exit 7`',
    ].join('\n'),
    'y.ts':
      "declare let fetch: unknown\nfetch = 1\nconsole.log(fetch, typeof which)\nconst { sep } = require('node:path')\nconsole.log(sep)\n",
  })
  mkdirSync(join(project.path, 'node_modules'))
  spawnSync('ln', ['-s', join(root, 'node_modules/zx'), join(project.path, 'node_modules/zx')])
  for (const startup of [/compiled in/, /compiled earlier/]) {
    const { stdout, stderr, status } = run(project, 'x.ts', '--name=web', 'word')
    assert.is(stdout, "hello true web [ 'word' ] function x.ts\n")
    assert.is(status, 1)
    assert.match(stderr, startup)
    assert.match(stderr, /exit code: 7/)
  }
  assert.equal(outcome(run(project, 'y.ts')), ran('1 function\n/', 'compiled'))
  assert.equal(outcome(run(project, 'y.ts')), ran('1 function\n/', 'compiled earlier'))
})

test('a script whose import of zx comes first, beside a global that zx reads itself', () => {
  const project = projectOf({
    'x.ts':
      "import { $ as own } from 'zx'\nexport const use = () => fetch\nconsole.log(typeof own)\n",
  })
  mkdirSync(join(project.path, 'node_modules'))
  spawnSync('ln', ['-s', join(root, 'node_modules/zx'), join(project.path, 'node_modules/zx')])
  assert.equal(outcome(run(project)), ran('function', 'compiled'))
  assert.equal(outcome(run(project)), ran('function', 'compiled earlier'))
})

test('what cannot be compiled so that it does the same runs from its source', () => {
  const project = projectOf({
    'x.ts': "const name = './lib/a.ts'\nconst { a } = await import(name)\nconsole.log(a)\n",
    'y.ts': "console.log(import.meta.resolve('./lib/a.ts').endsWith('/a.ts'))\n",
    'z.ts': "const name = 'a'\nconst { a } = await import(`./lib/${name}.ts`)\nconsole.log(a)\n",
    'lib/a.ts': 'export const a = 1 as number\n',
  })
  assert.equal(outcome(run(project)), ran('1', 'the source runs'))
  assert.equal(outcome(run(project, 'y.ts')), ran('true', 'the source runs'))
  assert.equal(outcome(run(project, 'z.ts')), ran('1', 'compiled'))
  write(project.path, { 'lib/b.ts': '' })
  assert.equal(outcome(run(project, 'z.ts')), ran('1', 'compiled'), 'a file more to import')
  assert.equal(outcome(run(project, 'z.ts')), ran('1', 'compiled earlier'))
})

test('npx from a folder below, and from a path with a space; children inherit no preload', () => {
  const project = projectOf({
    'x.ts': "console.log(process.env.NODE_OPTIONS ?? 'none', process.argv.slice(3).join(' '))\n",
  })
  const cwd = join(root, 'test/fixtures')
  const npx = (script: string, given = '') =>
    spawnSync('npx', ['zx', script, '--a', 'b'], {
      cwd,
      env: { ...environment(project), NODE_OPTIONS: given },
      encoding: 'utf8',
    })
  assert.equal(outcome(npx(join(project.path, 'x.ts'))), ran('none --a b', 'compiled'))
  const given = '--import=brokard-infra/preload --no-warnings'
  assert.equal(
    outcome(
      spawnSync(
        process.execPath,
        [join(root, 'node_modules/.bin/zx'), join(project.path, 'x.ts')],
        {
          cwd,
          env: { ...environment(project), NODE_OPTIONS: given },
          encoding: 'utf8',
        },
      ),
    ),
    ran('--no-warnings', 'compiled earlier'),
  )
})

test('the playbooks of this project are compiled', () => {
  const project = projectOf({})
  for (const script of [
    'playbooks/bootstrap.ts',
    'playbooks/rotate.ts',
    'scripts/run.ts',
    'scripts/lab.ts',
  ]) {
    assert.ok(existsSync(join(root, script)), script)
    const { status, startup } = outcome(run({ ...project, path: root }, script, '--help'))
    assert.equal({ status, startup }, { status: 0, startup: 'compiled' }, script)
  }
})

test.run()
