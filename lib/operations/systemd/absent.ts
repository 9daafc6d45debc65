import { change, type Diff, differences, operation, Unknown, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { type Entry, printEntry, readEntry } from '../file/entry.ts'
import { findCarrierRefusal, printCarrier } from '../service/login.ts'
import { checkUnitName, isTemplate, matchUnits } from './name.ts'

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
  probe: ({ name }) => sh`${
    isTemplate(name)
      ? printInstances(name)
      : sh`systemctl show \
  --property=LoadState,ActiveState,FragmentPath -- ${name} || exit 1
${printCarrier(name)}`
  }
below=
for f in /usr/local/lib /usr/lib /lib; do
  [ -n "$below" ] || [ ! -e "$f/systemd/system/"${name} ] || below=$f/systemd/system/${name}
done
echo "Below=$below"
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
    if (file && state['Below'])
      return new Unknown(
        `${locateUnit(name)} lies over ${state['Below']}, which would come back: ` +
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
    const refused = findCarrierRefusal(name, state, { stopped: runs, disabled: file !== null })
    if (refused !== null) return new Unknown(refused)
    return change(
      diff,
      sh`${file ? sh`systemctl --quiet disable -- ${name} 2>/dev/null || :` : sh`:`}
systemctl stop -- ${matchUnits(name)} || exit 1
rm -rf ${locateUnit(name)} ${`${locateUnit(name)}.d`} && systemctl daemon-reload || exit 1
systemctl reset-failed -- ${matchUnits(name)} 2>/dev/null || :`,
      { seconds: 150 },
    )
  },
})

/** A template has no state itself: it is active while an instance is. */
const printInstances = (name: string): Sh => sh`running=$(systemctl list-units --plain --no-legend \
  --state=active,activating,reloading,deactivating -- ${matchUnits(name)}) || exit 1
echo LoadState=loaded
[ -n "$running" ] && echo ActiveState=active || echo ActiveState=inactive`

const locateUnit = (name: string): string => `/etc/systemd/system/${name}`
