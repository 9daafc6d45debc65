import { mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { link } from '../../../lib/operations/link.ts'
import { plans, refuses, settles } from '../../support/operations.ts'

const path = '/etc/localtime'
const target = '/usr/share/zoneinfo/UTC'

plans(link, {
  'makes what is absent': [
    'absent\n',
    { path, target },
    ['type: absent -> symlink', `target: absent -> ${target}`],
  ],
  'leaves what is right': [`symbolic link|777|0|0|root|root|9\n${target}\n`, { path, target }, []],
  'turns one that points elsewhere': [
    'symbolic link|777|0|0|root|root|9\n/x\n',
    { path, target },
    [`target: /x -> ${target}`],
  ],
  'replaces a file': [
    'regular file|644|0|0|root|root|9\n',
    { path, target },
    ['type: file -> symlink', `target: absent -> ${target}`],
  ],
  'does not replace a folder': [
    'directory|755|0|0|root|root|9\n',
    { path, target },
    /is a directory/,
  ],
  'does not take a failed probe for absent': [{ exitCode: 74 }, { path, target }, /exit 74/],
})

const points = (folder: `/${string}`) => assert.is(readlinkSync(`${folder}/l`), 'a b')
const to = (folder: `/${string}`) => link({ path: `${folder}/l`, target: 'a b' })
settles('a new symlink', to, { after: points })
settles('a symlink to a folder', to, {
  before: folder => symlinkSync(folder, `${folder}/l`),
  after: points,
})
settles('a file in its place', to, {
  before: folder => writeFileSync(`${folder}/l`, 'x'),
  after: points,
})
refuses('a folder in its place', to, /is a directory/, {
  before: folder => mkdirSync(`${folder}/l`),
})

test.run()
