/**
 * Takes the place of uvu in the copy that mutants run in: the same functions for test files, but
 * the suites are kept, so that a process can run any of their tests as often as there are mutants.
 */
globalThis.mutationSuites ??= []
const suites = globalThis.mutationSuites

const empty = () => ({ tests: [], before: [], after: [], beforeEach: [], afterEach: [], only: [] })

export const suite = (name = '', state = {}) => {
  let kept = empty()
  const test = (title, handler) => kept.tests.push({ title, handler })
  const add = key => hook => kept[key].push(hook)
  return Object.assign(test, {
    before: Object.assign(add('before'), { each: add('beforeEach') }),
    after: Object.assign(add('after'), { each: add('afterEach') }),
    only: (title, handler) => kept.only.push({ title, handler }),
    skip: () => undefined,
    run: () => {
      suites.push({ name, state, ...kept })
      kept = empty()
    },
  })
}

export const test = suite()
