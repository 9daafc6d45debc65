import { change, operation, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { defineAgain, type Locked, QUIET } from './install.ts'
import { LOOK } from './lists.ts'

export type Autoremove = Locked & {
  /** True: remove their configuration files too. Default false. */
  readonly purge?: boolean
}

/** Packages that were installed only as dependencies and are no longer needed are removed. */
export const autoremove = operation('apt.autoremove', {
  name: (_: Autoremove) => 'packages that nothing needs',
  probe: () => sh`said=$(apt-get ${LOOK} --simulate autoremove 2>&1) || {
  printf '%s\n' "$said" >&2
  exit 1
}
printf '%s\n' "$said" | sed -n 's/^Remv \([^ ]*\) \[\([^]]*\)\].*/\1|\2/p' | sort
echo end`,
  read: out => {
    const lines = out.stdout.toString().trimEnd().split('\n')
    return out.exitCode === 0 && lines.pop() === 'end'
      ? lines.map(line => line.split('|') as [string, string])
      : unreadable(out)
  },
  plan: (now, { purge = false, ...locked }) =>
    change(
      now.map(([key, before]) => ({ key, before, after: null })),
      sh`${defineAgain(locked)}
again apt-get ${QUIET} ${purge ? ['--purge'] : []} autoremove || exit 1`,
      { seconds: 900 },
    ),
  probeSeconds: 30,
})
