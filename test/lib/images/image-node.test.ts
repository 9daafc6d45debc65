import { spawn } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Feed, openNode, parseLoadedId } from '../../../lib/images/image-node.ts'
import { type Exit, type Process, Unreachable } from '../../../lib/transport/connection.ts'
import { PATH, renderBootScript } from '../../../lib/transport/root-shell.ts'
import type { Connector } from '../../../lib/transport/session.ts'
import { type DockerShim, makeDockerShim } from '../../support/docker-shim.ts'
import { findShell, SHELLS } from '../../support/shells.ts'

const id = `sha256:${'a'.repeat(64)}`
const line = `${id} 100 2026-11-01T00:00:00.5Z ["sha256:1","sha256:2"]`

/** A host that is this machine, with this docker. */
const reach = (
  shell: (typeof SHELLS)[number],
  { folder }: Pick<DockerShim, 'folder'>,
): Connector => ({
  host: 'one',
  connect: async () => ({
    host: 'one',
    start: async () => start(shell, folder),
    close: async () => {},
  }),
  rootShell: connection => connection.start(''),
})
const start = (shell: (typeof SHELLS)[number], folder: string): Process => {
  const child = spawn(findShell(shell), ['-c', renderBootScript(`${folder}:${PATH}`)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const exit = new Promise<Exit>(resolve =>
    child.on('exit', (code, signal) => resolve({ code, signal })),
  )
  child.stdin.on('error', () => {})
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exit,
    close: () => ended(child.pid ?? 0),
  }
}

/** It and all its children are gone. */
const ended = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {} // gone already
}

const never = new AbortController().signal
const said = (work: Promise<unknown>) =>
  work.then(
    value => `resolved with ${JSON.stringify(value)}`,
    (reason: Error) => reason.message,
  )

for (const shell of SHELLS) {
  test(`${shell}: an image is there, is missing, or the node cannot be asked`, async () => {
    const it = makeDockerShim(
      `case $5 in here:1) echo '${line}' ;; gone:1) echo '[]'; echo 'Error: No such image: gone:1' >&2; exit 1 ;; *) echo 'Cannot connect to the Docker daemon' >&2; exit 1 ;; esac`,
    )
    const node = await openNode(reach(shell, it), never)
    assert.equal(await node.look(['here:1', 'gone:1']), [
      { id, size: 100, print: '2026-11-01T00:00:00.5Z ["sha256:1","sha256:2"]' },
      null,
    ])
    assert.match(
      await said(node.look(['gone:1', 'down:1'])),
      /^one: Cannot connect to the Docker daemon$/,
    )
    it.remove()
  })

  test(`${shell}: what is fed arrives whole and unchanged, whatever bytes it has`, async () => {
    const it = makeDockerShim(
      `[ "$1" = load ] || exit 9; set -- $(sha256sum); echo "Loaded image ID: sha256:$1"`,
    )
    const node = await openNode(reach(shell, it), never)
    const bytes = Buffer.concat(
      Array.from({ length: 3000 }, (_, i) =>
        Buffer.from(`\nround 5\nexit\n\0${String.fromCharCode(i % 256)}`),
      ),
    )
    const sum = (await crypto.subtle.digest('SHA-256', bytes)) as ArrayBuffer
    const got = await node.load(async stdin => {
      stdin.write(bytes)
      stdin.end()
    })
    assert.is(got, `sha256:${Buffer.from(sum).toString('hex')}`)
    it.remove()
  })

  test(`${shell}: a node that refuses ends the feeding, and its own words are told`, async () => {
    const it = makeDockerShim(
      'head -c 10 >/dev/null; echo "write /var/lib/docker/tmp: no space left on device" >&2; exit 1',
    )
    const node = await openNode(reach(shell, it), never)
    let gaveUp = false
    const endless: Feed = (stdin, signal) =>
      new Promise((_, reject) => {
        stdin.write('more than ten bytes')
        signal.addEventListener('abort', () => {
          gaveUp = true
          reject(new Error('aborted'))
        })
      })
    assert.match(await said(node.load(endless)), /^one: .*no space left on device$/)
    assert.ok(gaveUp)
    it.remove()
  })

  test(`${shell}: a name reaches Docker as one word`, async () => {
    const it = makeDockerShim('')
    await (await openNode(reach(shell, it), never)).name(id, "localhost/app:it's $HOME")
    assert.equal(it.calls(), [`tag ${id} localhost/app:it's $HOME`])
    it.remove()
  })
}

test('where feeding fails the error is the one of the feeding', async () => {
  const it = makeDockerShim('cat >/dev/null')
  const node = await openNode(reach('dash', it), never)
  assert.is(
    await said(
      node.load(async () => {
        throw new Error('docker save: no such image')
      }),
    ),
    'docker save: no such image',
  )
  it.remove()
})

test('what takes too long is given up, by name', async () => {
  const it = makeDockerShim('sleep 30')
  const late = new AbortController()
  const node = await openNode(reach('dash', it), late.signal)
  setTimeout(() => late.abort(new Error('not done within 1 minutes')), 300)
  assert.is(await said(node.look(['here:1'])), 'one: not done within 1 minutes')
  it.remove()
})

test('a lost link is told apart from a failure', async () => {
  const it = makeDockerShim('kill -9 $PPID; sleep 1')
  const lost: Connector = {
    ...reach('dash', it),
    rootShell: async () => {
      const process = start('dash', it.folder)
      return { ...process, exit: process.exit.then(() => ({ code: null, signal: null })) }
    },
  }
  const node = await openNode(lost, never)
  const error = await node.look(['here:1']).catch((reason: unknown) => reason)
  assert.instance(error, Unreachable)
  it.remove()
})

const printed: Record<string, string | null> = {
  [`Loaded image ID: ${id}\n`]: id,
  [`Loaded image: ${id}\n`]: id,
  [`5f70bf18a086: Loading layer\nLoaded image ID: ${id}`]: id,
  'Loaded image: localhost/app:v1\n': null,
  '': null,
}
for (const [text, expected] of Object.entries(printed))
  test(`what docker load said: ${text.trim() || 'nothing'}`, () =>
    expected === null
      ? assert.throws(() => parseLoadedId(text), /printed no id/)
      : assert.is(parseLoadedId(text), expected))

test.run()
