/**
 * A guarded command: the benchmark's own operation, since playbooks say what should be true and not
 * what to run.
 */
import { change, operation, unreadable } from '../../lib/operation.ts'
import { sh } from '../../lib/sh.ts'

/** The command has run once: what it makes is there. */
export const creates = operation('creates', {
  name: ({ path }: { readonly path: string; readonly command: string }) => path,
  probe: ({ path }) => sh`if [ -e ${path} ]; then echo present; else echo absent; fi`,
  read: out => (out.exitCode === 0 ? out.stdout.toString().trim() : unreadable(out)),
  plan: (now, { command }) =>
    change(
      now === 'present' ? [] : [{ key: 'made', before: null, after: 'yes' }],
      sh`sh -c ${command}`,
    ),
})
