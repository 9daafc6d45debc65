import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Operation } from '../../../../lib/operation.ts'
import { docker } from '../../../../lib/operations/docker.ts'
import { file } from '../../../../lib/operations/file.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const id = `sha256:${'a'.repeat(64)}`
const image = (labels: object | null = null): string =>
  `${JSON.stringify({ Id: id, Config: { Labels: labels } })}\n200\n`
const none = '{"message":"No such image: app:1"}\n404\n'
const name = 'app:1'

plans(docker.image, {
  'pulls what is absent': [none, { name }, ['image: absent -> app:1']],
  'leaves what is there': [image(), { name }, []],
  'removes it': [image(), { name, state: 'absent' }, ['image: app:1 -> absent']],
  'is absent already': [none, { name, state: 'absent' }, []],
  'is used': [`used web\n${image()}`, { name, state: 'absent' }, /web uses it/],
  'a daemon that is down is not an absent image': [
    { exitCode: 3, stderr: 'Docker does not run' },
    { name },
    /Docker does not run/,
  ],
  'nor is curl without an answer': [
    { exitCode: 7, stdout: Buffer.from('000\n') },
    { name, state: 'absent' },
    /cannot be read/,
  ],
})

const context = '/srv/app'
const hash = '0123456789abcdef'
/** The label that a build with these options would give. */
const label = (want: Parameters<typeof docker.image>[0]): string => {
  const plan = docker.image(want).decide(makeOutput(`context ${hash}\n${none}`), nothingPending)
  assert.ok(plan && 'apply' in plan)
  return /--label brd\.build=([0-9a-f]{12}-)/.exec(plan.apply.text)?.[1] ?? ''
}
const build = { name, context } as const
const is = (want: Parameters<typeof docker.image>[0], of = hash): string =>
  `context ${hash}\n${image({ 'brd.build': `${label(want)}${of}` })}`

plans(docker.image, {
  'builds what is absent': [
    `context ${hash}\n${none}`,
    build,
    ['image: absent -> built from /srv/app'],
  ],
  'leaves what was built of this': [is(build), build, []],
  'builds again from another folder': [
    is(build, 'ffff'),
    build,
    ['image: built from what the folder was -> built from /srv/app'],
  ],
  'builds again with other arguments': [
    is(build),
    { ...build, args: { MODE: 'x' } },
    ['image: built otherwise -> built from /srv/app'],
  ],
  'an image of that name that was pulled': [
    `context ${hash}\n${image()}`,
    build,
    ['image: not built here -> built from /srv/app'],
  ],
  'no folder yet': [
    { exitCode: 3, stderr: 'there is no folder /srv/app' },
    build,
    /no folder \/srv\/app/,
  ],
})

const filling: Operation = file({ path: '/srv/app/Dockerfile', content: 'FROM scratch\n' })
plans(docker.image, {
  'check mode foretells the build that a file brings': [
    is(build),
    { ...build, filledBy: [filling] },
    ['image: built from what the folder is -> built from /srv/app'],
    true,
  ],
  'and none where nothing fills it': [is(build), { ...build, filledBy: [filling] }, []],
})

const saved = (ids: string[], names: string[], index = ''): string =>
  `manifest ${JSON.stringify(ids.map(Config => ({ Config, RepoTags: names })))}\nindex ${index}\n`
const load = { name, file: '/srv/app.tar' } as const
plans(docker.image, {
  'loads what is absent': [
    saved([`${'a'.repeat(64)}.json`], [name]) + none,
    load,
    ['image: absent -> loaded from /srv/app.tar'],
  ],
  'leaves what is the same': [saved([`${'a'.repeat(64)}.json`], [name]) + image(), load, []],
  'an id as containerd gives it': [
    saved(
      [`blobs/sha256/${'b'.repeat(64)}`],
      [name],
      JSON.stringify({ manifests: [{ digest: id }] }),
    ) + image(),
    load,
    [],
  ],
  'another image of that name': [
    saved([`${'b'.repeat(64)}.json`], [name]) + image(),
    load,
    ['image: another -> loaded from /srv/app.tar'],
  ],
  'a file of another image': [
    saved(['c'.repeat(64)], ['db:1']) + none,
    load,
    /holds db:1, not app:1/,
  ],
  'a file without names': [saved(['c'.repeat(64)], []) + none, load, /holds no named image/],
  'a file that is none of docker save': [
    `manifest nonsense\nindex \n${none}`,
    load,
    /was not written by docker save/,
  ],
  'no file': [{ exitCode: 3, stderr: 'there is no file /srv/app.tar' }, load, /there is no file/],
})

test('a name without tag and digest is an error at once', () => {
  assert.throws(
    () => docker.image({ name: 'mariadb' as `${string}:${string}` }),
    /name: "mariadb" is not possible\n {2}it is text like …:…/,
  )
})

test('beside a digest the tag is not asked for', () => {
  const { probe } = docker.image({ name: `mariadb:10.11@${id}` })
  assert.match(probe.text, new RegExp(`/images/mariadb@${id}/json`))
})

test.run()
