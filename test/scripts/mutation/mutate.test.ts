import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mutatedModules } from '../../../scripts/mutation/modules.ts'
import { mutateModule } from '../../../scripts/mutation/mutate.ts'
import { createSandbox, removeSandbox } from '../../../scripts/mutation/sandbox.ts'
import { applyTextMutant, listTextMutants } from '../../../scripts/mutation/text-mutants.ts'

const test = suite('mutate')
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const module = 'lib/counted.ts'

const withProject = async <T>(tests: string, work: (sandbox: string) => Promise<T>): Promise<T> => {
  const sandbox = createSandbox(root)
  try {
    writeFileSync(
      join(sandbox, module),
      'export const isFew = (n: number) => n < 3\n' +
        'export const countDown = (n: number) => { while (n > 0) n -= 1; return n }\n',
    )
    mkdirSync(join(sandbox, 'test/lib'), { recursive: true })
    writeFileSync(
      join(sandbox, 'test/lib/counted.test.ts'),
      `import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countDown, isFew } from '../../lib/counted.ts'
const test = suite('counted')
${tests}
test.run()
`,
    )
    return await work(sandbox)
  } finally {
    removeSandbox(sandbox)
  }
}

test('names the mutants that no test notices, and those that no test reaches', async () => {
  const score = await withProject(
    `test('few', () => { assert.is(isFew(1), true); assert.is(isFew(5), false) })`,
    sandbox => mutateModule(sandbox, { module, tests: ['test/lib/counted.test.ts'] }),
  )
  const left = score.left.map(
    ({ fate, original, replacement }) => `${fate} ${original} -> ${replacement}`,
  )
  assert.ok(left.includes('survived n < 3 -> n <= 3'), left.join('\n'))
  assert.not.ok(
    left.some(line => line.startsWith('survived n < 3 -> true')),
    left.join('\n'),
  )
  assert.ok(
    left.some(line => line.startsWith('unreached n > 0')),
    left.join('\n'),
  )
  assert.is(score.killed + score.left.length, score.all)
})

test('counts a mutant that never ends as noticed', async () => {
  const score = await withProject(
    `test('down', () => assert.is(countDown(3), 0))
test('few', () => { assert.ok(isFew(2)); assert.not(isFew(3)) })`,
    sandbox => mutateModule(sandbox, { module, tests: ['test/lib/counted.test.ts'] }),
  )
  // n -= 1 becomes n += 1, and the loop has no end.
  assert.not.ok(score.left.some(({ replacement }) => replacement.includes('+=')))
  assert.is(score.left.filter(({ original }) => original === 'n < 3').length, 0)
})

test('refuses tests that fail without any mutant', async () => {
  const failed = await withProject(`test('few', () => assert.is(isFew(1), false))`, sandbox =>
    mutateModule(sandbox, { module, tests: ['test/lib/counted.test.ts'] }),
  ).catch(String)
  assert.match(String(failed), 'fail without any mutant')
})

test('a program of the shell is mutated like the code around it', () => {
  const source = 'export const x = sh`\n  # if [ a = b ]\n  [ "$n" -lt 3 ] && exit 1\n`'
  assert.equal(
    listTextMutants(source).map(mutant => applyTextMutant(source, mutant).split('\n')[2]),
    [
      '  [ "$n" -le 3 ] && exit 1',
      '  [ "$n" -lt 99999 ] && exit 1',
      '  [ "$n" -lt 3 ] || exit 1',
      '  [ "$n" -lt 3 ] && exit 0',
    ],
  )
})

test('every listed module and test file exists', () => {
  for (const { module, tests } of mutatedModules)
    for (const file of [module, ...tests]) assert.ok(existsSync(join(root, file)), file)
})

test.run()
