import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConvergeResult, converge } from '../../../lib/converge/converge.ts'
import type { EventBody } from '../../../lib/events.ts'
import { Unreachable } from '../../../lib/transport/connection.ts'
import { Session } from '../../../lib/transport/session.ts'
import { localReach, SHELLS } from '../../support/shells.ts'
import { fileExists, listOutcomes } from '../../support/with-engine.ts'

for (const name of SHELLS) {
  const test = suite(`reboot in ${name}`)

  /**
   * A host that ends the link in a change that is allowed to; `connects` may refuse a connection.
   */
  const reboot = async (
    apply: (folder: string) => string,
    away: number,
    check: (got: ConvergeResult & { folder: string; events: EventBody[] }) => void,
    refused = 0,
  ) => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-away-'))
    const events: EventBody[] = []
    const here = localReach(name)
    let connects = 0
    const connect: typeof here.connect = (again, signal) => {
      if (connects++ > 0 && connects <= refused + 1)
        return Promise.reject(new Unreachable('here', 'connection refused'))
      return here.connect(again, signal)
    }
    const session = new Session({ ...here, connect })
    try {
      const goes = fileExists(`${folder}/1`, { apply: apply(folder) })
      const decide: typeof goes.decide = (out, context) => {
        const plan = goes.decide(out, context)
        return plan && 'apply' in plan ? { ...plan, rebootSeconds: away } : plan
      }
      const ops = [fileExists(`${folder}/0`), { ...goes, decide }, fileExists(`${folder}/2`)]
      check({
        ...(await converge(ops, {
          host: 'here',
          shell: away => session.shell(away),
          emit: one => void events.push(one),
        })),
        folder,
        events,
      })
    } finally {
      await session.end()
      rmSync(folder, { recursive: true, force: true })
    }
  }

  test('after a link that ends on purpose, the host is found again and the list goes on', () =>
    reboot(
      folder => `echo once >>${folder}/log; (sleep 2; : >${folder}/1) & kill -9 $$`,
      60,
      ({ folder, events, ...result }) => {
        assert.equal(
          [result.result, listOutcomes(result)],
          ['ok', ['changed', 'changed', 'changed']],
        )
        assert.is(
          readFileSync(`${folder}/log`, 'utf8'),
          'once\n',
          'it is not done again while the host still goes down',
        )
        assert.ok(existsSync(`${folder}/2`))
        assert.ok(
          events.some(
            one =>
              one.type === 'note' && /ended the link on purpose: .* within 60 s/.test(one.text),
          ),
        )
        assert.not(events.some(one => one.type === 'note' && /the link was lost/.test(one.text)))
      },
      3,
    ))

  test('a host that is not back as it should be in time is a failure of the operation', () =>
    reboot(
      () => 'kill -9 $$',
      2,
      ({ result, error, ...rest }) => {
        assert.equal(
          [result, listOutcomes({ ...rest, result })],
          ['failed', ['changed', 'failed', 'not-reached']],
        )
        assert.match(
          error?.message ?? '',
          /raw .*\/1: the host was not back as it should be within 2 s/,
        )
      },
    ))

  test('a host that does not answer in time is unreachable', () =>
    reboot(
      folder => `: >${folder}/1; kill -9 $$`,
      2,
      ({ result, error, ...rest }) => {
        assert.equal(
          [result, listOutcomes({ ...rest, result })],
          ['unreachable', ['in-flight', 'in-flight', 'not-reached']],
        )
        assert.match(error?.message ?? '', /connection refused/)
      },
      1000,
    ))

  test.run()
}
