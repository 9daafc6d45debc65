import { readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findRecipes } from '../../../../scripts/lab/images/catalogue.ts'
import { digestRecipe, listContexts } from '../../../../scripts/lab/images/digest.ts'
import { provide } from '../../../../scripts/lab/images/index.ts'
import { isOwn } from '../../../../scripts/lab/images/recipe.ts'
import { workloads } from '../../../../scripts/lab/images/workloads.ts'
import {
  nameRelease,
  releaseNames,
  runtime,
} from '../../../../scripts/lab/sample/release-recipes.ts'
import { fakeDocker, placePrograms, unreachable, withCache } from './fake.ts'

const say = () => {}
const argumentsOf = (build: readonly string[] | undefined): string[] =>
  (build ?? []).filter((_, index, all) => all[index - 1] === '--build-arg').toSorted()

for (const ref of workloads)
  test(`${ref}: an exact tag, and a recipe`, () => {
    assert.match(ref, /:[\w.-]+$/)
    assert.ok(findRecipes(ref).length > 0)
  })

test('each release has an image of its own, of one source', async () => {
  const recipes = releaseNames.map(name => findRecipes(nameRelease(name))[0]!)
  assert.is(new Set(await Promise.all(recipes.map(digestRecipe))).size, releaseNames.length)
  assert.is(new Set(recipes.flatMap(listContexts)).size, 2)
  assert.equal(new Set(recipes.map(({ on }) => on?.ref)), new Set([runtime]))
})

test('the context of an image of the project is the folder that a person builds', async () => {
  const [folder] = listContexts(findRecipes(runtime)[0]!)
  assert.match(await readFile(`${folder}/Dockerfile`, 'utf8'), 'ENTRYPOINT ["entrypoint"]')
})

test("no registry is asked for the project's images; wal-g is made of the database", () =>
  withCache(async cache => {
    const { docker, asked } = fakeDocker(() => ({}))
    await placePrograms(cache, 'brd/walg:3.0.9')
    const [walg] = await provide({ docker, cache, say, refs: ['brd/walg:3.0.9'] })
    assert.equal(
      asked.filter(([verb]) => verb === 'pull').map(words => words.at(-1)),
      ['mariadb:10.11'],
    )
    assert.equal(asked.filter(([verb]) => verb === 'build').map(argumentsOf), [
      ['MARIADB=mariadb:10.11'],
      ['MARIADB=brd-lab/brd/walg-base:1'],
    ])
    assert.is(walg?.image, 'brd-lab/stand-in/brd/walg:3.0.9')
    assert.ok(walg?.standIn)
  }))

test('without a registry, wal-g is made of the local database, and again if that changes', () =>
  withCache(async cache => {
    const { docker, asked, images, count } = fakeDocker(unreachable)
    const request = { docker, cache, say, refs: ['brd/walg:3.0.9'] }
    await placePrograms(cache, 'brd/walg:3.0.9')
    const [walg] = await provide(request)
    assert.equal(asked.filter(([verb]) => verb === 'build').map(argumentsOf), [
      [],
      ['MARIADB=brd-lab/mariadb:10.11'],
      ['MARIADB=brd-lab/brd/walg-base:1'],
    ])
    assert.is(images.get(walg!.image)?.['brd.lab.stand-in'], '1')
    await provide(request)
    assert.is(count('build'), 3)
    images.set('brd-lab/mariadb:10.11', { ...images.get('brd-lab/mariadb:10.11'), id: 'another' })
    await provide(request)
    assert.is(count('build'), 4)
  }))

test('the ordinary ones are asked of a registry first', () => {
  for (const ref of workloads) assert.is(isOwn(ref), ref.startsWith('brd/'))
})

test.run()
