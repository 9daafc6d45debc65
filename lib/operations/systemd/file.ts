import { change, type Diff, operation, Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import {
  completeFile,
  diffFile,
  printFile,
  putFile,
  readFile,
  type WantedFile,
} from '../file/content.ts'
import { checkUnitName, isTemplate, matchUnits } from './name.ts'
import { tryUnit } from './try-unit.ts'

type UnitFile = {
  readonly name: string
  readonly content: string
  readonly dropIn?: string
}

/**
 * A unit file or drop-in has exactly this text, and systemd has read it. It is tried first: text
 * that systemd would ignore or refuse is an error, and the file stays as it was. A file of another
 * folder that systemd reads instead is an error too.
 */
export const unitFile = operation('systemd.unit', {
  want: ({ name, content, dropIn }: UnitFile) => {
    checkUnitName(name)
    const path = `/etc/systemd/system/${dropIn ? `${name}.d/${dropIn}.conf` : name}`
    return { unit: name, text: content, ...completeFile({ path, content }) }
  },
  name: ({ unit, path }: WantedUnit) => path.replace('/etc/systemd/system/', '') || unit,
  paths: want => [want.path],
  probe: want => sh`state=$(systemctl show --property=NeedDaemonReload --value \
  -- ${matchUnits(want.unit)}) || exit 1
case $state in *yes*) reload=yes ;; *) reload=no ;; esac
${isTemplate(want.unit) ? sh`used=` : printUsed(want)}
printf '%s %s\n' "$reload" "$used"
${printFile(want)}`,
  read: (out, want) => {
    const [reload, ...used] = (out.stdout.toString('latin1').split('\n', 1)[0] ?? '').split(' ')
    const now = readFile(out, 1)
    if (now instanceof Unknown) return now
    return reload === 'yes' || reload === 'no'
      ? { file: now, reload: reload === 'yes', instead: used.join(' ') }
      : unreadable(out, `systemd does not report ${want.unit}`)
  },
  plan: (now, want) => {
    const file = diffFile(now.file, want)
    if (file instanceof Unknown) return file
    if (file.length === 0 && !now.reload && now.instead !== '')
      return new Unknown(`systemd reads ${now.instead} in its place: remove that`)
    const stale: Diff =
      now.reload && file.length === 0
        ? [{ key: 'loaded', before: 'an older version', after: 'this one' }]
        : []
    const { apply, writes } =
      file.length > 0 ? putFile(file, want) : { apply: sh`:`, writes: false }
    const folder = want.path.replace(/\/[^/]*$/, '')
    const all = sh`${writes ? tryUnit(want.unit, want.path, want.text) : sh``}
( umask 022; mkdir -p ${folder} ) && { ${apply}
} && systemctl daemon-reload`
    return change([...file, ...stale], all, writes ? { stdin: want.content } : {})
  },
})

type WantedUnit = WantedFile & { readonly unit: string; readonly text: string }

/** Sets `$used` to the file that systemd reads in the place of this one; empty without one. */
const printUsed = ({ unit, path }: WantedUnit) =>
  path.endsWith('.conf')
    ? sh`used=$(systemctl show --property=DropInPaths --value -- ${unit}) || exit 1
case " $used " in
  *${` ${path} `}*) used= ;;
  *${`/${path.replace(/^.*\/system\//, '')}`}*) ;;
  *) used= ;;
esac`
    : sh`used=$(systemctl show --property=FragmentPath --value -- ${unit}) || exit 1
[ "$used" != ${path} ] || used=`
