import type { ScopeContents, StoreContents } from './sealed.ts'

type Holder = NonNullable<StoreContents['holders']>[string]

/** A recipient for people: its name, its key, and of an offline one when it was last used. */
export const describeHolder = (recipient: string, holder: Holder | undefined): string =>
  holder === undefined
    ? recipient
    : `${holder.name} ${recipient}${holder.offline ? `, offline (${describeUse(holder)})` : ''}`

/**
 * Says in one line who can read a store or a scope: `Readable by anna, paper (used 2 Oct 2026)`.
 * Keys without a name are shortened.
 */
export const describeReaders = ({
  recipients,
  holders = {},
}: Pick<StoreContents | ScopeContents, 'recipients' | 'holders'>): string => {
  const readers = recipients.map(who => {
    const holder = holders[who]
    if (holder === undefined) return `${who.slice(0, 12)}…`
    return holder.offline ? `${holder.name} (${describeUse(holder)})` : holder.name
  })
  return `Readable by ${readers.join(', ')}`
}

const describeUse = ({ used = [] }: Holder): string => {
  const last = [...used].sort().at(-1)
  return last === undefined ? 'never used' : `used ${formatDay(last)}`
}

/** Formats `2026-10-02` as `2 Oct 2026`. */
const formatDay = (day: string): string =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
