import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { archive } from '../../../lib/operations/archive.ts'
import { sha256 } from '../../../lib/operations/file/content.ts'
import { requirePrograms } from '../../../scripts/test/skip.ts'
import { plans, refuses, settles } from '../../support/operations.ts'

const scratch = mkdtempSync(join(tmpdir(), 'brd-archive-'))
test.after(() => rmSync(scratch, { recursive: true, force: true }))
const run = (command: string, ...args: readonly string[]) =>
  execFileSync(command, args, { cwd: scratch })
for (const version of ['1', '2']) {
  mkdirSync(`${scratch}/v${version}/tool/bin`, { recursive: true })
  mkdirSync(`${scratch}/v${version}/tool/empty`)
  writeFileSync(`${scratch}/v${version}/tool/bin/it's $1`, version, { mode: 0o755 })
  writeFileSync(`${scratch}/v${version}/tool/.conf`, '', { mode: 0o640 })
  symlinkSync("bin/it's $1", `${scratch}/v${version}/tool/link`)
  run(
    'tar',
    '-c',
    '-z',
    '--owner=1234',
    '--group=1234',
    '-f',
    `tool-${version}.tar.gz`,
    '-C',
    `v${version}`,
    'tool',
  )
}
run('tar', '-c', '-J', '-f', 'flat.tar.xz', '-C', 'v1/tool', '.')
const url = (name: string) => pathToFileURL(join(scratch, name))
const [one, two] = ['1', '2'].map(version =>
  sha256(readFileSync(`${scratch}/tool-${version}.tar.gz`)),
) as [string, string]

const path = '/opt/tool'
plans(archive, {
  'unpacks again what was taken out by hand': [
    `directory\n${'a'.repeat(64)} 0\n${'a'.repeat(64)} 0\nbin/x\n`,
    { path: '/opt/t', from: '/t.tgz' },
    [`bin/x: absent -> t.tgz, sha256 ${'a'.repeat(12)}`],
  ],
  'unpacks what is absent': [
    `absent\nabsent\n${one} 0\n`,
    { path, from: '/x/t.tgz' },
    [`content: absent -> t.tgz, sha256 ${one.slice(0, 12)}`],
  ],
  'leaves what is right': [`directory\n${one} 0\n${one} 0\n`, { path, from: '/x/t.tgz' }, []],
  'unpacks another version': [
    `directory\n${one} 1\n${two} 1\n`,
    { path, from: '/x/t.tgz', strip: 1 },
    [`content: another, sha256 ${one.slice(0, 12)} -> t.tgz, sha256 ${two.slice(0, 12)}`],
  ],
  'asks no more than that something is there': [
    'directory\nregular file|755|0|0|root|root|1\n',
    { path, from: '/x/t.tgz', creates: '/opt/tool/bin' },
    [],
  ],
  'unpacks where that is missing': [
    'absent\nabsent\n',
    { path, from: '/x/t.tgz', creates: '/opt/tool/bin' },
    ['/opt/tool/bin: absent -> unpacked from t.tgz'],
  ],
  'does not unpack behind a symlink': [
    `symlink\nabsent\n${one} 0\n`,
    { path, from: '/x/t.tgz' },
    /is a symlink, and a folder is wanted/,
  ],
  'does not take a missing archive for one that is unpacked': [
    { exitCode: 1, stderr: 'no such archive: /x/t.tgz' },
    { path, from: '/x/t.tgz' },
    /no such archive/,
  ],
  'does not take an empty answer for absent': ['', { path, from: '/x/t.tgz' }, /the probe failed/],
})
test('bad options are errors at once', () => {
  assert.throws(() => archive({ path, from: '/x/t.rar' }), /t.rar does not tell what it is/)
  assert.throws(() => archive({ path, from: '/x/t.zip', strip: -1 }), /strip: -1 is not possible/)
  assert.throws(() => archive({ path, from: '/x/t.zip', name: 'a b' }), /letters, digits/)
  assert.throws(() => archive({ path, source: new URL('file:///nowhere/t.zip') }), /ENOENT/)
})
test('several in one folder have names of their own', () =>
  assert.equal(
    [archive({ path, from: '/x/t.zip' }).name, archive({ path, from: '/x/t.zip', name: 'b' }).name],
    [path, `${path} b`],
  ))

const at = (folder: string, name = 'opt/tool') => `${folder}/${name}` as `/${string}`
const holds =
  (version: string, top = '') =>
  (folder: string) => {
    const here = `${at(folder)}${top}`
    assert.is(readFileSync(`${here}/link`, 'utf8'), version)
    assert.equal(
      [`${here}/bin/it's $1`, `${here}/.conf`, `${here}/empty`].map(name =>
        (statSync(name).mode & 0o7777).toString(8),
      ),
      ['755', '640', '755'],
    )
    assert.ok(lstatSync(`${here}/link`).isSymbolicLink())
    assert.equal(
      readdirSync(at(folder)).filter(name => /unpack/.test(name)),
      [],
    )
  }

settles(
  'an archive of the controller',
  folder => archive({ path: at(folder), source: url('tool-1.tar.gz') }),
  {
    after: folder => {
      holds('1', '/tool')(folder)
      assert.is(statSync(`${at(folder)}/tool/bin/it's $1`).uid, 0)
    },
  },
)
settles(
  'an archive of the host, without its outer folder, as another user',
  folder =>
    archive({
      path: at(folder),
      from: at(folder, 't.tgz'),
      strip: 1,
      owner: 'nobody',
      group: 65534,
    }),
  {
    before: folder => writeFileSync(`${folder}/t.tgz`, readFileSync(url('tool-1.tar.gz'))),
    after: folder => {
      holds('1')(folder)
      assert.equal(
        ['', '/.conf', "/bin/it's $1"].map(name => statSync(`${at(folder)}${name}`).uid),
        [65534, 65534, 65534],
      )
    },
  },
)
settles(
  'another version over the one before',
  folder => archive({ path: at(folder), source: url('tool-2.tar.gz'), strip: 1 }),
  {
    before: folder => {
      mkdirSync(`${at(folder)}/bin`, { recursive: true })
      mkdirSync(`${folder}/real`)
      writeFileSync(`${at(folder)}/bin/it's $1`, 'old')
      writeFileSync(`${at(folder)}/bin/mine`, 'kept')
      symlinkSync('../../real', `${at(folder)}/.conf`)
      writeFileSync(`${at(folder)}/.archive.archive.brd`, `${one} 1\n`)
    },
    after: folder => {
      holds('2')(folder)
      assert.is(readFileSync(`${at(folder)}/bin/mine`, 'utf8'), 'kept')
      assert.equal(readdirSync(`${folder}/real`), [])
    },
  },
)
settles(
  'an archive without a folder around it, by what it creates',
  folder =>
    archive({ path: at(folder), source: url('flat.tar.xz'), creates: at(folder, 'opt/tool/link') }),
  {
    after: folder => {
      holds('1')(folder)
      assert.equal(readdirSync(at(folder)).sort(), ['.conf', 'bin', 'empty', 'link'])
    },
  },
)
settles(
  'two archives in one folder',
  folder =>
    ['1', '2'].map(n =>
      archive({
        path: at(folder),
        source: url(`tool-${n}.tar.gz`),
        name: `v${n}`,
        strip: Number(n) - 1,
      }),
    ),
  {
    after: folder => {
      holds('1', '/tool')(folder)
      holds('2')(folder)
    },
  },
)
settles(
  'what was taken out by hand is unpacked again',
  folder => archive({ path: at(folder), source: url('tool-1.tar.gz') }),
  {
    before: folder => {
      mkdirSync(`${at(folder)}/tool`, { recursive: true })
      const hash = sha256(readFileSync(`${scratch}/tool-1.tar.gz`))
      writeFileSync(`${at(folder)}/.archive.archive.brd`, `${hash} 0\n./tool\n./tool/link\n`)
    },
    after: folder => assert.ok(lstatSync(`${at(folder)}/tool/link`).isSymbolicLink()),
  },
)
settles('a zip file', folder => archive({ path: at(folder), source: url('tool.zip'), strip: 1 }), {
  before: () => {
    requirePrograms('zip')
    execFileSync('zip', ['-q', '-r', '-y', '../tool.zip', 'tool'], { cwd: `${scratch}/v1` })
  },
  after: holds('1'),
})

const kept = {
  before: (folder: string) => {
    mkdirSync(at(folder), { recursive: true })
    writeFileSync(`${at(folder)}/f`, 'old')
    writeFileSync(`${folder}/broken.tgz`, readFileSync(url('tool-1.tar.gz')).subarray(0, 150))
  },
  after: (folder: string) =>
    assert.equal(
      [readdirSync(at(folder)), readFileSync(`${at(folder)}/f`, 'utf8')],
      [['f'], 'old'],
    ),
}
refuses(
  'an archive that is broken',
  folder => archive({ path: at(folder), from: at(folder, 'broken.tgz') }),
  /could not be unpacked; what is in the folder is as it was/,
  kept,
)
refuses(
  'an archive that is not there',
  folder => archive({ path: at(folder), from: at(folder, 'no.tgz') }),
  /no such archive/,
  kept,
)
refuses(
  'more folders than there are',
  folder => archive({ path: at(folder), source: url('tool-1.tar.gz'), strip: 2 }),
  /there is not one folder around/,
  kept,
)
refuses(
  'a symlink in the place of a folder',
  folder => archive({ path: at(folder), source: url('tool-1.tar.gz'), strip: 1 }),
  /bin: not a folder, so it is not followed/,
  {
    before: folder => {
      mkdirSync(at(folder), { recursive: true })
      mkdirSync(`${folder}/real`)
      symlinkSync('../../real', `${at(folder)}/bin`)
    },
    after: folder => assert.equal(readdirSync(`${folder}/real`), []),
  },
)

test.run()
