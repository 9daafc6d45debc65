/** A module that decides, and the tests that must notice a fault in it. */
export type MutatedModule = {
  readonly module: string
  readonly tests: readonly string[]
}

/**
 * The modules whose mutation score is stated in docs/testing.md: what decides, compares or keeps
 * secrets, without a host. Their tests are those that run in milliseconds.
 */
export const mutatedModules: readonly MutatedModule[] = [
  { module: 'lib/secret.ts', tests: ['test/lib/secret.test.ts'] },
  { module: 'lib/secrets/generations.ts', tests: ['test/lib/secrets/generations.test.ts'] },
  { module: 'lib/secrets/vault.ts', tests: ['test/lib/secrets/vault.test.ts'] },
  { module: 'lib/secrets/sealed.ts', tests: ['test/lib/secrets/sealed.test.ts'] },
  { module: 'lib/secrets/store.ts', tests: ['test/lib/secrets/store.test.ts'] },
  {
    module: 'lib/run/plan/fingerprint.ts',
    tests: ['test/lib/run/plan/fingerprint.test.ts', 'test/lib/run/plan/store.test.ts'],
  },
  { module: 'lib/run/plan/enforcer.ts', tests: ['test/lib/run/plan/enforcer.test.ts'] },
  {
    module: 'lib/operations/stack/diff.ts',
    tests: ['test/lib/operations/stack/diff.test.ts', 'test/lib/operations/stack.test.ts'],
  },
  {
    module: 'lib/operations/stack/watch.ts',
    tests: [
      'test/lib/operations/stack/watch.test.ts',
      'test/lib/operations/stack/watch-loop.test.ts',
    ],
  },
  {
    module: 'lib/transport/protocol/script.ts',
    tests: [
      'test/lib/transport/protocol/script.test.ts',
      'test/lib/transport/protocol/round-texts.test.ts',
      'test/lib/operations/file/round-bytes.test.ts',
    ],
  },
  {
    module: 'lib/transport/protocol/lease.ts',
    tests: ['test/lib/transport/protocol/lease-words.test.ts'],
  },
  { module: 'lib/converge/plan.ts', tests: ['test/lib/converge/plan.test.ts'] },
  { module: 'lib/converge/outcome.ts', tests: ['test/lib/converge/outcome.test.ts'] },
  { module: 'lib/converge/next-batch.ts', tests: ['test/lib/converge/next-batch.test.ts'] },
  {
    module: 'lib/converge/await-deferred.ts',
    tests: ['test/lib/converge/await-deferred.test.ts'],
  },
  { module: 'lib/converge/approve.ts', tests: ['test/lib/converge/approve.test.ts'] },
  { module: 'lib/converge/plan-guard.ts', tests: ['test/lib/converge/plan-guard.test.ts'] },
  { module: 'lib/converge/settles-within.ts', tests: ['test/lib/converge/settles-within.test.ts'] },
  { module: 'lib/run/host-limit.ts', tests: ['test/lib/run/host-limit-rules.test.ts'] },
  { module: 'lib/run/undo.ts', tests: ['test/lib/run/undo-rules.test.ts'] },
  { module: 'lib/run/selection.ts', tests: ['test/lib/run/selection.test.ts'] },
  { module: 'lib/run/host-share.ts', tests: ['test/lib/run/host-share.test.ts'] },
  {
    module: 'lib/run/exit-code.ts',
    tests: ['test/lib/run/exit-code.test.ts', 'test/lib/run/classify-error.test.ts'],
  },
  { module: 'lib/run/followed.ts', tests: ['test/lib/run/followed.test.ts'] },
  { module: 'lib/run/make-lists.ts', tests: ['test/lib/run/make-lists.test.ts'] },
  { module: 'lib/run/operation-list.ts', tests: ['test/lib/run/operation-list.test.ts'] },
  { module: 'lib/run/one-play.ts', tests: ['test/lib/run/one-play.test.ts'] },
  { module: 'lib/run/from-flags.ts', tests: ['test/lib/run/from-flags.test.ts'] },
  { module: 'lib/run/mode.ts', tests: ['test/lib/run/from-flags.test.ts'] },
  { module: 'lib/run/play-entries.ts', tests: ['test/lib/run/play-entries.test.ts'] },
  { module: 'lib/run/host-results.ts', tests: ['test/lib/run/host-results.test.ts'] },
  { module: 'lib/run/pending-plays.ts', tests: ['test/lib/run/pending-plays.test.ts'] },
  { module: 'lib/run/calls.ts', tests: ['test/lib/run/calls.test.ts'] },
]
