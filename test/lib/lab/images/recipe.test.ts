import { readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { catalogue, recipes } from '../../../../lib/lab/images/catalogue.ts'
import { builtName, from } from '../../../../lib/lab/images/recipe.ts'
import { sources } from '../../../../lib/lab/images/types.ts'

const recipesOf = (ref: string) => recipes[ref] ?? []

for (const ref of catalogue) {
  test(`${ref}: an exact tag, sources in the order of preference, a stand-in last and only last`, () => {
    assert.match(ref, /:v?\d/)
    const order = recipesOf(ref).map(({ source }) => sources.indexOf(source))
    assert.equal(
      order,
      order.toSorted((a, b) => a - b),
    )
    assert.equal(
      recipesOf(ref).map(({ source }) => source === 'stand-in'),
      order.map((_, index) => index === order.length - 1),
    )
  })

  test(`${ref}: nothing made here has the official image's name, and a stand-in says so in its own`, () => {
    for (const recipe of recipesOf(ref)) {
      const name = builtName(ref, recipe)
      assert.ok(name.startsWith('brd-lab/') && name.endsWith(ref))
      assert.is(name.includes('stand-in'), recipe.source === 'stand-in')
      assert.is(from(recipe).includes('stand-in'), recipe.source === 'stand-in')
    }
  })
}

test('a program is of the version that its go.mod requires and its tag names', async () => {
  for (const [ref, recipe] of Object.entries(recipes).map(([ref, [best]]) => [ref, best] as const)) {
    if (recipe?.source !== 'go') continue
    const mod = await readFile(`lib/lab/images/go/${recipe.folder}/go.mod`, 'utf8')
    assert.match(mod, `require ${recipe.module} v${recipe.version}\n`)
    assert.is(recipe.version, ref.split(':')[1]?.replace('v', ''))
  }
})

test.run()
