import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findDigest, pushImage } from '../../../lib/images/push.ts'
import { Secret } from '../../../lib/secret.ts'
import { type DockerShim, makeDockerShim } from '../../support/docker-shim.ts'
import { waitUntil } from '../../support/run-playbook.ts'

// What whoever runs the tests has set is no part of them.
delete process.env['DOCKER_HOST']

const sha = `sha256:${'c'.repeat(64)}`
const login = {
  address: 'registry.example',
  user: 'ci',
  password: new Secret("p'ass $word", 'registry/password'),
}

/** Keeps what it saw of its surroundings; fails where told to. */
const engine = (fails = '-', sends = ':'): DockerShim =>
  makeDockerShim(`case "$1 $2" in "context inspect") echo unix:///run/other.sock; exit ;; esac
[ "$1" != ${fails} ] || { echo "denied: $1" >&2; exit 1; }
case $1 in
  login)
    stat -c '%a %F' "$DOCKER_CONFIG" >"$HERE/folder"
    echo "$DOCKER_CONFIG $DOCKER_HOST" >"$HERE/env"
    cat >"$HERE/password"; echo '{}' >"$DOCKER_CONFIG/config.json" ;;
  push)
    ${sends}; [ -z "$DOCKER_CONFIG" ] || [ -e "$DOCKER_CONFIG/config.json" ] || exit 7
    echo 'The push refers to a repository'; echo 'v1: digest: ${sha} size: 528' ;;
esac`)

const saw = (it: DockerShim, name: string): string =>
  readFileSync(join(it.folder, name), 'utf8').trim()
const pushed = (it: DockerShim, who: typeof login | null = login) =>
  pushImage({ words: [it.program], env: {} }, 'registry.example/shop:v1', who)

test('it logs in by stdin, with a folder that it removes, and returns the digest', async () => {
  const it = engine()
  assert.is(await pushed(it), sha)
  const [folder, host] = saw(it, 'env').split(' ')
  assert.equal(
    [saw(it, 'folder'), saw(it, 'password'), host],
    ['700 directory', "p'ass $word", 'unix:///run/other.sock'],
  )
  assert.not(existsSync(folder!))
  assert.equal(it.calls(), [
    'context inspect --format {{.Endpoints.docker.Host}}',
    'login --username ci --password-stdin registry.example',
    'push registry.example/shop:v1',
  ])
  it.remove()
})

test('an engine that the user named is the one, and no context is asked for', async () => {
  const it = engine()
  process.env['DOCKER_HOST'] = 'unix:///run/mine.sock'
  try {
    assert.is(await pushed(it), sha)
    assert.is(saw(it, 'env').split(' ')[1], 'unix:///run/mine.sock')
    assert.not(it.calls().some(call => call.startsWith('context')))
  } finally {
    delete process.env['DOCKER_HOST']
    it.remove()
  }
})

for (const fails of ['login', 'push'])
  test(`a failed ${fails} leaves no login, and its error has no password`, async () => {
    const it = engine(fails)
    const error = await pushed(it).then(
      () => '',
      (reason: Error) => `${reason.message} ${reason.stack}`,
    )
    assert.match(error, `denied: ${fails}`)
    if (fails === 'login')
      assert.match(error, 'registry.example refuses ci with the secret registry/password')
    else assert.not(existsSync(saw(it, 'env').split(' ')[0]!))
    assert.not.match(error, "p'ass")
    it.remove()
  })

test('interrupted while it sends: the login is gone', async () => {
  const it = engine('-', 'exec sleep 30')
  const stop = new AbortController()
  const pushing = pushImage(
    { words: [it.program], env: {}, signal: stop.signal },
    'registry.example/shop:v1',
    login,
  )
  const rejected = pushing.catch((reason: Error) => reason.message)
  await waitUntil('it sends', () => it.calls().some(call => call.startsWith('push')))
  stop.abort()
  assert.match(String(await rejected), /interrupted/)
  assert.not(existsSync(saw(it, 'env').split(' ')[0]!))
  it.remove()
})

test('without a login of hosts.yaml the own one is used', async () => {
  const it = engine()
  assert.is(await pushed(it, null), sha)
  assert.equal(it.calls(), ['push registry.example/shop:v1'])
  it.remove()
})

test('the digest in what push says', () => {
  assert.is(findDigest(`5f70: Layer already exists\nv1: digest: ${sha} size: 528\n`), sha)
  assert.is(findDigest('5f70: Pushed\n'), null)
})

test.run()
