import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Finding } from '../../../lib/verification/checks.ts'
import { replayBinlogs, startServer } from '../../../lib/verification/restored-database.ts'
import { openThrowaway, type Throwaway } from '../../../lib/verification/throwaway.ts'

const test = suite('what Docker cannot do')
const folder = mkdtempSync(join(tmpdir(), 'brdtest-throwaway-'))
test.after(() => rmSync(folder, { recursive: true }))

/** A client of Docker: the container is there, and each command in it is this script. */
const makeDocker = (inside: string, start = 'echo ready; cat >/dev/null'): string => {
  const path = join(folder, `docker-${Math.random()}`)
  writeFileSync(
    path,
    `#!/bin/sh
case "$1 $*" in
  run*--name*) ${start} ;;
  rm*) ;;
  *) ${inside} ;;
esac
`,
  )
  chmodSync(path, 0o755)
  return path
}

const open = (docker: string, seconds = 60): Promise<Throwaway> =>
  openThrowaway({
    docker: { words: [docker] },
    image: 'image',
    run: 'test',
    folders: ['/restore'],
    user: 'root',
    seconds,
  })

/** What is said of work in a container whose commands are this script. */
const say = async (inside: string, work: (place: Throwaway) => Promise<unknown>) => {
  const place = await open(makeDocker(inside))
  try {
    return await work(place).then(
      () => 'well',
      error => {
        assert.instance(error, Finding)
        return `${error.is}: ${error.message}`
      },
    )
  } finally {
    await place.end()
  }
}

const away = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.'
const works: Record<string, (place: Throwaway) => Promise<unknown>> = {
  'in the container': place => place.run({ script: 'true' }),
  'beside it': place => place.fetch({ script: 'true', secrets: {} }),
}
for (const [where, work] of Object.entries(works)) {
  test(`an engine that goes away is no fault of the backup, ${where}`, async () => {
    assert.is(await say(`echo '${away}' >&2; exit 1`, work), `unverified: Docker: ${away}`)
    assert.match(
      await say("echo 'Error response from daemon: No such container: x' >&2; exit 1", work),
      /^unverified: Docker: Error response from daemon: No such/,
    )
  })
  test(`a process that was killed is no fault of the backup, ${where}`, async () => {
    assert.match(await say('exit 137', work), /^unverified: its process was killed/)
  })
  test(`what a program says is its caller's to judge, ${where}`, async () => {
    assert.is(await say("echo 'no such table' >&2; exit 1", work), 'well')
  })
}

const position = { file: 'mariadb-bin.000001', offset: 4, gtid: null }
test('a restored server without room is no fault of the backup; a damaged one is', async () => {
  const start = (place: Throwaway) => startServer(place, position)
  assert.match(
    await say(`echo 'Errcode: 28 "No space left on device"' >&2; exit 3`, start),
    /^unverified: the restored server does not start/,
  )
  assert.match(await say("echo 'page corrupted' >&2; exit 3", start), /^failed: the restored/)
})

test('nor is a replay without room; one that breaks off is', async () => {
  const replay = (place: Throwaway) => replayBinlogs(place, ['a'], { time: new Date(0) })
  const only = (said: string): string =>
    `case "$*" in *--batch*) printf '\\t\\n' ;; *) echo "${said}" >&2; exit 1 ;; esac`
  assert.match(
    await say(only("ERROR 1114 (HY000): The table 'orders' is full"), replay),
    /^unverified: the binary logs cannot be replayed: ERROR 1114/,
  )
  assert.match(
    await say(only('ERROR: Could not read entry: Event crc check failed'), replay),
    /^failed: the binary logs cannot be replayed/,
  )
})

test('a container that does not start in time is given up', async () => {
  const said = await open(makeDocker('', 'exec sleep 600'), 0.2).then(
    () => 'open',
    error => error.message,
  )
  assert.is(said, 'Docker did not start a container within 0.2 s')
})

test.run()
