import { unpackTar } from 'modern-tar'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { buildTar, type Member } from '../../../../lib/operations/tree/tar.ts'
import { makeRandom } from '../../../support/random.ts'

const COUNT = 200
const SEED = 20_261_127
const SIGNS = [...'abcXYZ019 -_.\'"$`\\', 'ä', '日', '😀', 'a/']

const generate = ({ number, pick }: ReturnType<typeof makeRandom>): Member => {
  const text = (most: number) =>
    Array.from({ length: 1 + number(most) }, () => pick(SIGNS)).join('')
  // Around 100 bytes, where a name no longer fits into a header.
  const name = `${text(pick([5, 60, 99, 100, 101, 300]))}x`
  const rest = { name, mode: pick([0o644, 0o755, 0o600]), mtime: number(2 ** 31) }
  if (number(4) === 0)
    return { ...rest, mode: 0o777, target: `${text(pick([5, 99, 100, 101, 300]))}y` }
  return { ...rest, content: Buffer.alloc(pick([0, 1, 511, 512, 513, 10_240]), number(256)) }
}

test(`archives of ${COUNT} seeds are read by modern-tar as they were meant`, async () => {
  for (let seed = SEED; seed < SEED + COUNT; seed++) {
    const random = makeRandom(seed)
    const members = Array.from({ length: random.number(8) }, () => generate(random))
    const read = await unpackTar(Buffer.concat(buildTar(members)))
    assert.equal(
      read.map(({ header, data }) => ({
        name: header.name,
        mode: (header.mode ?? 0) & 0o7777,
        mtime: Math.round((header.mtime?.getTime() ?? 0) / 1000),
        type: header.type,
        target: header.linkname ?? '',
        content: Buffer.from(data ?? []).toString('base64'),
      })),
      members.map(({ name, mode, mtime, target = '', content = Buffer.of() }) => ({
        ...{ name, mode, mtime, target },
        type: target === '' ? 'file' : 'symlink',
        content: content.toString('base64'),
      })),
      `seed ${seed}`,
    )
  }
})

test('contents are not copied: an archive of large files takes no more memory than they do', () => {
  const content = Buffer.alloc(50_000_000)
  const parts = buildTar([{ name: 'a', mode: 0o644, mtime: 0, content }])
  assert.ok(parts.includes(content))
  assert.ok(parts.reduce((sum, part) => sum + (part === content ? 0 : part.length), 0) < 5_000)
})

test.run()
