import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nameInMirror } from '../../../scripts/lab/mirror.ts'

const rows: [string, string][] = [
  ['traefik:v3.7', 'library/traefik:v3.7'],
  ['portainer/agent:2', 'portainer/agent:2'],
  ['docker.io/library/redis:7', 'library/redis:7'],
  ['docker.io/redis:7', 'library/redis:7'],
]
for (const [ref, name] of rows)
  test(`${ref} is ${name} in a mirror`, () => assert.is(nameInMirror(ref), name))

test.run()
