import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { locale } from '../../../lib/operations/locale.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

plans(locale, {
  'generates and sets': [
    'yes\nlang=C.UTF-8\nC\nC.utf8\nPOSIX\nend\n',
    { lang: 'en_GB.UTF-8', also: ['ru_RU.UTF-8'] },
    [
      'en_GB.UTF-8: absent -> generated',
      'ru_RU.UTF-8: absent -> generated',
      'lang: C.UTF-8 -> en_GB.UTF-8',
    ],
  ],
  'sets what is there already': [
    'no\nlang=\nC\nC.utf8\nend\n',
    { lang: 'C.UTF-8' },
    ['lang: absent -> C.UTF-8'],
  ],
  'leaves what is right': [
    'yes\nlang=en_GB.UTF-8\nC\nen_GB.utf8\nend\n',
    { lang: 'en_GB.UTF-8' },
    [],
  ],
  'names the package that is missing': [
    'no\nlang=\nC\nend\n',
    { lang: 'en_GB.UTF-8' },
    /en_GB.UTF-8 cannot be generated: install the package locales/,
  ],
  'a failed probe is unknown': [
    { exitCode: 1, stderr: 'locale: not found' },
    { lang: 'C.UTF-8' },
    /locale: not found/,
  ],
  'half an answer is unknown': ['yes\nlang=\nC\n', { lang: 'C.UTF-8' }, /the probe failed/],
})
test('what is there is not generated again', () => {
  const plan = locale({ lang: 'C.UTF-8' }).decide(
    makeOutput('yes\nlang=x\nC.utf8\nend\n'),
    nothingPending,
  ) as Change
  assert.not.match(plan.apply.text, 'locale-gen')
})
test('bad names are errors at once', () => {
  assert.throws(() => locale({ lang: 'english' }), /a name such as en_GB.UTF-8/)
  assert.throws(() => locale({ lang: 'C.UTF-8', also: ['en_GB'] }), /a name such as en_GB.UTF-8/)
})

test.run()
