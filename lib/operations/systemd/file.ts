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
import { checkUnitName } from './name.ts'

type UnitFile = {
  readonly name: string
  readonly content: string
  readonly dropIn?: string
}

/** A unit file or drop-in has exactly this text, and systemd has read it. */
export const unitFile = operation('systemd.unit', {
  want: ({ name, content, dropIn }: UnitFile) => {
    checkUnitName(name)
    const path = `/etc/systemd/system/${dropIn ? `${name}.d/${dropIn}.conf` : name}`
    return { unit: name, ...completeFile({ path, content }) }
  },
  name: ({ unit, path }: WantedFile & { unit: string }) =>
    path.replace('/etc/systemd/system/', '') || unit,
  paths: want => [want.path],
  probe: want => sh`reload=$(systemctl show --property=NeedDaemonReload --value \
  -- ${want.unit}) || exit 1
echo "$reload"
${printFile(want)}`,
  read: (out, want) => {
    const reload = out.stdout.toString('latin1').split('\n', 1)[0]
    const now = readFile(out, 1)
    if (now instanceof Unknown) return now
    return reload === 'yes' || reload === 'no'
      ? { file: now, reload: reload === 'yes' }
      : unreadable(out, `systemd does not report ${want.unit}`)
  },
  plan: (now, want) => {
    const file = diffFile(now.file, want)
    if (file instanceof Unknown) return file
    const stale: Diff =
      now.reload && file.length === 0
        ? [{ key: 'loaded', before: 'an older version', after: 'this one' }]
        : []
    const { apply, writes } =
      file.length > 0 ? putFile(file, want) : { apply: sh`:`, writes: false }
    const folder = want.path.replace(/\/[^/]*$/, '')
    const all = sh`( umask 022; mkdir -p ${folder} ) && { ${apply}
} && systemctl daemon-reload`
    return change([...file, ...stale], all, writes ? { stdin: want.content } : {})
  },
})
