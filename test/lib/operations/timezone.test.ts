import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { timezone } from '../../../lib/operations/timezone.ts'
import { plans } from '../../support/operations.ts'

const zone = 'Europe/Moscow'
plans(timezone, {
  'leaves what is right': [`known\n/usr/share/zoneinfo/${zone}\n${zone}\n`, { zone }, []],
  'reads a relative link': [`known\n../usr/share/zoneinfo/${zone}\n${zone}\n`, { zone }, []],
  'changes both': [
    'known\n/usr/share/zoneinfo/Etc/UTC\nEtc/UTC\n',
    { zone },
    [`localtime: Etc/UTC -> ${zone}`, `timezone: Etc/UTC -> ${zone}`],
  ],
  'replaces a file': [`known\na file\n${zone}\n`, { zone }, [`localtime: a file -> ${zone}`]],
  'makes what is absent': [
    'known\nabsent\nabsent\n',
    { zone },
    [`localtime: absent -> ${zone}`, `timezone: absent -> ${zone}`],
  ],
  'a zone that the host does not know is unknown': [
    'unknown\nabsent\nabsent\n',
    { zone },
    /does not know the time zone Europe\/Moscow/,
  ],
  'a failed probe is unknown': [{ exitCode: 1 }, { zone }, /exit 1/],
})
test('bad names are errors at once', () =>
  assert.throws(() => timezone({ zone: '../../etc/passwd' }), /is not a time zone's name/))

test.run()
