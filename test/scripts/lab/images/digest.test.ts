import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { recipes } from '../../../../scripts/lab/images/catalogue.ts'
import { digestRecipe, hashRecipe } from '../../../../scripts/lab/images/digest.ts'

const recipe = recipes['traefik']![0]!
const files = { a: Buffer.from('one'), b: Buffer.from('two') }

test('the order of the files does not matter', () => {
  assert.is(hashRecipe(recipe, files), hashRecipe(recipe, { b: files.b, a: files.a }))
})

const others = {
  'a changed file': hashRecipe(recipe, { ...files, a: Buffer.from('One') }),
  'a file more': hashRecipe(recipe, { ...files, c: Buffer.from('') }),
  'another name': hashRecipe(recipe, { a: files.a, c: files.b }),
  'content moved to the next file': hashRecipe(recipe, {
    a: Buffer.from('onet'),
    b: Buffer.from('wo'),
  }),
  'another version': hashRecipe({ ...recipe, version: '3.7.16' }, files),
}
for (const [what, other] of Object.entries(others))
  test(`${what} is another image`, () => assert.is.not(other, hashRecipe(recipe, files)))

test('every recipe of the catalogue has its own', async () => {
  const all = await Promise.all(Object.values(recipes).flat().map(digestRecipe))
  assert.is(new Set(all).size, all.length)
})

test.run()
