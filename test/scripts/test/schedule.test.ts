import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostsOf, longestFirst, needOf, next } from '../../../scripts/test/schedule.ts'

const test = suite('schedule')
const on = (...hosts: string[]) => ({ hosts })

test('hosts are declared in a comment; without one a test has the whole lab', () => {
  assert.equal(hostsOf('// time limit: 9 s\n// hosts: old-one, old-two\nimport x'), [
    'old-one',
    'old-two',
  ])
  assert.equal(hostsOf('// hosts: none\n'), [])
  assert.equal(hostsOf('import x\n'), ['*'])
})

test('a live test needs the images, unless a comment says that it does not', () => {
  assert.is(needOf('// images: none\n// hosts: old-one\n'), 'hosts')
  assert.is(needOf('// hosts: old-one\n'), 'images')
  assert.is(needOf('\n\n\n\n\n// images: none\n'), 'images', 'not among its first lines')
})

test('two tests never share a host; who has the whole lab has it alone', () => {
  const [a, b, ab, all, none] = [on('a'), on('b'), on('a', 'b'), on('*'), on()]
  assert.is(next([a, b], [a]), b)
  assert.is(next([ab], [b]), undefined)
  assert.is(next([all], [a]), undefined)
  assert.is(next([all], [none]), all)
  assert.is(next([a, none], [all]), none)
  assert.is(next([all], []), all)
})

test('the longest come first', () => {
  const of = (file: string, seconds: number) => ({
    file,
    seconds,
    hosts: [],
    needs: 'nothing' as const,
  })
  assert.equal(
    longestFirst([of('a', 1), of('b', 3), of('c', 2)]).map(({ file }) => file),
    ['b', 'c', 'a'],
  )
})

test.run()
