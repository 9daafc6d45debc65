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
    tests: ['test/lib/transport/protocol/script.test.ts'],
  },
  {
    module: 'lib/transport/protocol/lease.ts',
    tests: ['test/lib/transport/protocol/lease.test.ts'],
  },
]
