import { change, type Diff, differences, operation, Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { type Entry, printEntry, readEntry } from '../file/entry.ts'
import { checkUnitName } from './name.ts'

type Now = {
  readonly state: Readonly<Record<string, string>>
  readonly file: Entry | null
  readonly dropIns: Entry | null
}

/** A unit of the administrator is stopped, does not start at boot, and its files are removed. */
export const absentUnit = operation('systemd.unit', {
  want: (want: { readonly name: string }) => ({ name: checkUnitName(want.name) }),
  name: ({ name }: { readonly name: string }) => `without ${name}`,
  paths: ({ name }) => [locateUnit(name)],
  probe: ({
    name,
  }) => sh`systemctl show --property=LoadState,ActiveState,FragmentPath -- ${name} || exit 1
${printEntry(locateUnit(name))}
${printEntry(`${locateUnit(name)}.d`)}`,
  read: (out): Now | Unknown => {
    const lines = out.stdout.toString().trimEnd().split('\n')
    const [file, dropIns] = lines.slice(-2).map(readEntry)
    const state = Object.fromEntries(
      lines.slice(0, -2).map(line => line.split(/=(.*)/s).slice(0, 2)),
    )
    if (out.exitCode !== 0 || !state['LoadState'] || file === undefined || dropIns === undefined)
      return unreadable(out)
    return { state, file, dropIns }
  },
  plan: ({ state, file, dropIns }, { name }) => {
    const elsewhere = state['FragmentPath']
    if (!file && elsewhere && !elsewhere.startsWith('/run/'))
      return new Unknown(
        `${name} is ${elsewhere}, which is not the administrator's: ` +
          'remove its package, or stop it with `service`',
      )
    if (file?.type === 'directory') return new Unknown(`${locateUnit(name)} is a directory`)
    const runs = ['active', 'activating', 'reloading', 'deactivating'].includes(
      state['ActiveState'] ?? '',
    )
    const diff: Diff = differences(
      {
        state: runs ? (state['ActiveState'] ?? null) : null,
        file: file && locateUnit(name),
        'drop-ins': dropIns && `${locateUnit(name)}.d`,
      },
      { state: null, file: null, 'drop-ins': null },
    )
    return change(
      diff,
      sh`${file ? sh`systemctl --quiet disable -- ${name} 2>/dev/null || :` : sh`:`}
systemctl stop -- ${name} || exit 1
rm -rf ${locateUnit(name)} ${`${locateUnit(name)}.d`} && systemctl daemon-reload || exit 1
systemctl reset-failed -- ${name} 2>/dev/null || :`,
      { seconds: 150 },
    )
  },
})

const locateUnit = (name: string): string => `/etc/systemd/system/${name}`
