import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { apt } from '../../../../lib/operations/apt.ts'
import { file } from '../../../../lib/operations/file.ts'
import { requirePrograms } from '../../../../scripts/test/skip.ts'
import {
  aptMachine,
  type OverlayMachine,
  startOverlayMachine,
} from '../../../support/overlay-machine.ts'

let machine: OverlayMachine
const keys: string[] = []
const other = '/etc/apt/sources.list.d/vendor.list'

/** Two keys in a folder here: one signs the repository, the other does not. */
const makeKeys = (folder: string) => {
  const gpg = (...words: string[]) =>
    execFileSync('gpg', ['--homedir', folder, '--batch', '--quiet', ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  for (const name of ['one', 'two']) {
    gpg('--passphrase', '', '--quick-generate-key', `${name} <${name}@x>`, 'ed25519', 'sign', '0')
    keys.push(gpg('--armor', '--export', name))
  }
  gpg('--export-secret-keys', '--armor', '--output', join(folder, 'secret.asc'), 'one')
  return readFileSync(join(folder, 'secret.asc'), 'utf8')
}

test.before(() => {
  requirePrograms('apt-get', 'dpkg-deb', 'gpg')
  const folder = mkdtempSync(join(tmpdir(), 'brd-keys-'))
  try {
    const secret = makeKeys(folder)
    machine = startOverlayMachine(`${aptMachine}
deb brd-dummy 1.0; publish; mkdir -p dists/own/main/binary-all dists/own/main/binary-amd64
cp Packages dists/own/main/binary-all/; cp Packages dists/own/main/binary-amd64/
( cd dists/own
  { printf 'Suite: own\\nCodename: own\\nComponents: main\\nDate: %s\\n' "$(LC_ALL=C date -Ru)"
    printf 'Architectures: all amd64\\nSHA256:\\n'
    for f in main/*/Packages; do
      echo " $(sha256sum "$f" | cut -c 1-64) $(stat -c %s "$f") $f"
    done; } >Release
  export GNUPGHOME=/root/brd-gpg; mkdir -m 700 $GNUPGHOME
  gpg --batch --quiet --import <<'KEY'
${secret}
KEY
  gpg --batch --quiet --clearsign --output InRelease Release; gpgconf --kill all )
chmod -R go=rX .`)
  } finally {
    execFileSync('gpgconf', ['--homedir', folder, '--kill', 'all'])
    rmSync(folder, { recursive: true, force: true })
  }
})
test.after(() => machine?.end())

const want = (more: object = {}) => ({
  name: 'own',
  uris: ['file:/srv/repository'],
  suites: ['own'],
  key: { content: keys[0] as string },
  ...more,
})
const files = () => machine.run('ls /etc/apt/sources.list.d /etc/apt/keyrings | grep own || :')
const worksStill = () => machine.run('apt-get update -qq 2>&1 && echo works')
const failure = async (more: object, check = false) => {
  const { error, outcomes } = await machine.converge(apt.repository(want(more)), check)
  return JSON.stringify(error ?? outcomes)
}

test('a source that cannot be fetched is not added', async () => {
  assert.match(await failure({ uris: ['file:/srv/nothing'] }), /does not work, and was not added/)
  assert.is(files(), '')
  assert.is(worksStill(), 'works')
})
test('nor is one that its key does not sign', async () => {
  assert.match(await failure({ key: { content: keys[1] } }), /does not work, and was not added/)
  assert.is(files(), '')
})
test('beside another file with other options for the same suite, check says so', async () => {
  machine.run(
    `echo 'deb [signed-by=/etc/apt/keyrings/vendor.asc] file:/srv/repository own main' >${other}`,
  )
  assert.match(await failure({}, true), /could not read its sources with this one: .*Conflicting/)
  assert.match(await failure({}), /could not read its sources with this one: .*Conflicting/)
  assert.not.match(files(), /own\.sources/)
})
test('it is added once that file goes', async () => {
  const list = [file({ path: other, state: 'absent' }), ...apt.repository(want())]
  assert.is((await machine.converge(list)).error, undefined)
  assert.is((await machine.converge(list)).trips, 1)
  assert.is(worksStill(), 'works')
})
test('a new key that does not sign it is not taken', async () => {
  assert.match(await failure({ key: { content: keys[1] } }), /does not work/)
  assert.is(machine.run('cat /etc/apt/keyrings/own.asc'), keys[0]?.trim())
  assert.is(worksStill(), 'works')
})
test('a key that another source names stays', async () => {
  machine.run(
    `echo 'deb [signed-by=/etc/apt/keyrings/own.asc] file:/srv/repository own main' >${other}`,
  )
  const gone = apt.repository({ name: 'own', state: 'absent' })
  const run = await machine.converge(gone)
  assert.match(JSON.stringify(run.error), /the key of another source too: .*vendor\.list/)
  assert.is(worksStill(), 'works')
  machine.run(`rm ${other}`)
  assert.is((await machine.converge(gone)).error, undefined)
  assert.is(files(), '')
})

test.run()
