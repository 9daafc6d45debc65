import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../lib/converge/converge.ts'
import type { ReachableHost } from '../../../lib/transport/host.ts'
import { Machines, SameMachine } from '../../../lib/transport/machines.ts'
import { SessionPool } from '../../../lib/transport/session-pool.ts'
import { localReach, SHELLS } from '../../support/shells.ts'
import { fileExists, listOutcomes } from '../../support/with-engine.ts'

const test = suite('machines')

test('one of two that live on one machine is told, whichever has seen the other', () => {
  const register = (
    ...all: readonly (readonly [host: string, dir: string, near: readonly string[]])[]
  ): string[] => {
    const machines = new Machines()
    return all.flatMap(([host, dir, near]) => {
      try {
        machines.register(host, { dir, near })
        return []
      } catch (error) {
        return error instanceof SameMachine ? [error.message] : [String(error)]
      }
    })
  }
  const said = ['b is the same machine as a']
  assert.equal(register(['a', '/1', []], ['b', '/2', ['/1']]), said)
  assert.equal(register(['a', '/1', ['/2']], ['b', '/2', []]), said)
  assert.equal(register(['a', '/1', ['/2']], ['b', '/2', ['/1']]), said)
  // Other shells of the same host, and those of another run.
  assert.equal(register(['a', '/1', []], ['a', '/2', ['/1']], ['b', '/3', ['/9']]), [])
  assert.equal(register(['a', '/1', []], ['a', '/2', ['/1']], ['b', '/3', ['/2']]), said)
})

test.run()

for (const name of SHELLS) {
  const each = suite(`machines in ${name}`)

  each(
    'two names of one machine: one host fails at once, and nothing is made there twice',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'brd-machines-'))
      const pool = new SessionPool(({ name: host }) => ({ ...localReach(name), host }))
      const lease = { path: `${folder}/run/lease`, who: 'one run' }
      const play = (host: string) =>
        converge([fileExists(`${folder}/${host}`)], {
          host,
          shell: () => pool.get({ name: host } as ReachableHost).shell(),
          lease,
        })
      const results = await Promise.all(['a', 'b'].map(play))
      const failed = results.filter(({ result }) => result === 'failed')
      assert.equal(
        [failed.length, results.flatMap(listOutcomes).sort()],
        [1, ['changed', 'not-reached']],
      )
      assert.match(failed[0]?.error?.message ?? '', /^(b is the same machine as a|a is .* as b)$/)
      assert.match(failed[0]?.error?.next ?? '', /^leave one of the two out \(-l 'all:![ab]'\)/)
      assert.is(['a', 'b'].filter(host => existsSync(`${folder}/${host}`)).length, 1)
      await pool.end()
      rmSync(folder, { recursive: true })
    },
  )

  each.run()
}
