import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { takeLease } from '../../../../lib/transport/protocol/lease.ts'
import { LIBRARY } from '../../../../lib/transport/protocol/library.ts'
import { renderBootScript } from '../../../../lib/transport/root-shell.ts'

const test = suite('library')

test('no function of ours shadows a command that a fragment may call', () => {
  const text = [renderBootScript(), LIBRARY, takeLease('/run/x', 'me').text].join('\n')
  const functions = [...text.matchAll(/(?:^|[;{]\s*)(\w+)\(\) \{/gm)].map(
    ([, name]) => name as string,
  )
  assert.ok(functions.length > 12)
  for (const name of functions) assert.match(name, /^_/)
})

test('the boot line passes any login shell unread', () => {
  assert.not.match(renderBootScript(), /['\\\n]/)
})

test.run()
