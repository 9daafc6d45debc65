import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { replay } from '../../../lib/report/replay.ts'

const started = '{"type":"run-started","at":0,"playbook":"site","check":false,"hosts":["web1"]}'
const note = '{"type":"note","at":7,"text":"x"}'

const rows: Record<string, [string, { playbook: string; at: number } | RegExp]> = {
  'all of it': [`${started}\n${note}\n`, { playbook: 'site', at: 7 }],
  'a last line that a kill cut short': [
    `${started}\n{"type":"note","at":7,"te`,
    { playbook: 'site', at: 0 },
  ],
  nothing: ['', { playbook: '', at: 0 }],
  'a line in the middle that is no event': [
    `${started}\n{"at":1}\n${note}\n`,
    /events\.jsonl:2: is not an event of a run/,
  ],
  'a line that is no JSON': [`what?\n${started}\n`, /events\.jsonl:1: is not an event/],
}

for (const [name, [text, expected]] of Object.entries(rows))
  test(name, () => {
    if (expected instanceof RegExp)
      return assert.throws(() => replay(text, 'events.jsonl'), expected)
    const { playbook, at } = replay(text, 'events.jsonl')
    assert.equal({ playbook, at }, expected)
  })

test.run()
