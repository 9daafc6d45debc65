import { LEASE } from './converge/lease.ts'
import { calm, Ended } from './ended.ts'
import type { CommonFlags } from './flags.ts'
import type { Host } from './inventory/inventory.ts'
import type { Diff } from './operation.ts'
import type { Path } from './operations/parts/entry.ts'
import type { Wish } from './remote/command.ts'
import { type Remote, remote } from './remote/remote.ts'
import { askYes } from './report/ask.ts'
import type { RunOptions } from './run-options.ts'
import type { Stage } from './stage.ts'
import { type Synchronise, synchronise } from './synchronise.ts'

type Of = { readonly stage: Stage; readonly options: RunOptions<CommonFlags> }

/** A host's shell between two plays. Check mode runs only what is said to read, --list-tasks nothing. */
export const shellOf = (host: Host, { stage, options: { vault, flags } }: Of): Remote => {
  const not = ({ reads }: Wish): string | null => {
    if (stage.stop.requested) throw new Ended('interrupted')
    if (flags['list-tasks']) return 'nothing is connected to'
    return flags.check === true && !reads ? 'check mode' : null
  }
  return remote({ session: stage.sessions.of(host), emit: event => stage.report().emit(event), redact: vault.redact, not })
}

/** The operator's yes or no. Check mode and --list-tasks ask nobody, and go on. */
export const confirmed = (question: string, { stage, options: { flags } }: Of): Promise<boolean> => {
  const { yes = false, check = false, 'list-tasks': list = false } = flags
  const ask = (): Promise<boolean> => askYes(question, yes || check || list)
  return (stage.begun ? stage.begun.quietly(ask) : ask()).catch((error: unknown) => {
    throw calm(error)
  })
}

type Place = { readonly host: Host; readonly path: Path }

/** A folder of one host made as that of another. What differed is told. */
export const synchronised = async (from: Place, to: Place, wish: Synchronise, { stage, options }: Of): Promise<Diff> => {
  const place = ({ host, path }: Place) => ({ session: stage.sessions.of(host), path })
  const manner = { check: options.flags.check === true, lease: { path: LEASE, who: options.who }, stop: stage.stop }
  const diff = await synchronise(place(from), place(to), wish, manner)
  const differ = diff.length === 0 ? 'nothing differs' : `${diff.length} differ${manner.check ? '' : 'ed'}`
  stage.report().emit({ type: 'note', text: `${to.path} as ${from.path} of ${from.host.name}: ${differ}`, host: to.host.name })
  return diff
}
