import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Operation, Unknown } from '../../lib/operation.ts'
import { raw, type Sh } from '../../lib/sh.ts'

/**
 * The same operation on a machine whose folders are in another one, and whose `bin` there comes
 * first.
 */
export const sandboxOperation = (
  op: Operation,
  folder: string,
  folders: readonly string[] = ['/var/lib/brd'],
): Operation => {
  const moved = ({ text }: Sh): Sh =>
    raw(
      `PATH=${folder}/bin:$PATH\n${folders.reduce((all, of) => all.replaceAll(of, `${folder}${of}`), text)}`,
    )
  return {
    ...op,
    probe: moved(op.probe),
    decide: (out, context) => {
      const plan = op.decide(out, context)
      if (plan === null || plan instanceof Unknown) return plan
      const { renew } = plan
      return {
        ...plan,
        apply: moved(plan.apply),
        ...(renew ? { renew: () => ({ ...renew(), apply: moved(renew().apply) }) } : {}),
      }
    },
  }
}

/** Programs in the `bin` of such a machine, by their names. */
export const writePrograms = (folder: string, all: Readonly<Record<string, string>>): void => {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  for (const [name, text] of Object.entries(all)) {
    writeFileSync(join(folder, 'bin', name), text)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
}

/** A Docker with one healthy container of every service, which is this machine. */
export const dockerProgram = `#!/bin/sh
case $1 in
  ps) echo 0123456789ab ;;
  exec)
    shift
    while case $1 in --interactive) ;; --user | --env) shift ;; *) false ;; esac; do shift; done
    shift
    exec "$@" ;;
  *) echo "no docker $1 here" >&2; exit 1 ;;
esac
`
