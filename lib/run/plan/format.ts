import * as z from 'zod'

const difference = z.object({
  key: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  text: z.literal(true).optional(),
})

/**
 * The plan of one operation. Fingerprints are HMACs: `state` of what its probe printed and its exit
 * code, `change` of what would be done.
 */
const planned = z.discriminatedUnion('does', [
  z.object({ id: z.string(), does: z.literal('nothing') }),
  z.object({
    id: z.string(),
    does: z.literal('change'),
    state: z.string(),
    change: z.string(),
    diff: z.array(difference),
  }),
  z.object({ id: z.string(), does: z.literal('unknown'), why: z.string() }),
])

/**
 * The file of a saved plan: names, fingerprints, and diffs without secrets. It has no payload and
 * no secret.
 */
export const savedPlan = z.object({
  version: z.literal(2),
  playbook: z.string(),
  made: z.string(),
  /**
   * The key of the fingerprints: that of the store of secrets, or, without a store, a key that only
   * this plan has.
   */
  key: z.union([z.literal('store'), z.object({ own: z.string() })]),
  /**
   * What went into it besides the hosts: flags and files, in plain text if that can be shown, else
   * their fingerprints.
   */
  inputs: z.record(z.string(), z.string()),
  plays: z.array(z.object({ name: z.string(), hosts: z.record(z.string(), z.array(planned)) })),
  /** HMAC of all of the above, the diffs that a person reads too. */
  seal: z.string(),
})

export type Planned = z.infer<typeof planned>
export type SavedPlan = z.infer<typeof savedPlan>
export type UnsealedPlan = Omit<SavedPlan, 'seal'>
