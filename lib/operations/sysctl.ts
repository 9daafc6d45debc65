import { OptionError } from '../errors/option-error.ts'
import { change, differences, operation, Unknown } from '../operation.ts'
import { join, sh } from '../sh.ts'
import {
  completeFile,
  diffFile,
  printFile,
  putFile,
  readFile,
  type WantedFile,
} from './file/content.ts'
import { printLacks } from './file/lacks.ts'
import { findOverrides, printBootSettings } from './sysctl/boot.ts'

export type Sysctl = {
  /** Names the file of the settings: /etc/sysctl.d/60-brd-NAME.conf. */
  readonly name: string
  /**
   * Values by key, written as sysctl prints it: `vm.swappiness`. Use slashes if a part contains a
   * dot: `net/ipv4/conf/eth0.5/rp_filter`.
   */
  readonly values: Readonly<Record<string, string | number>>
}

type Want = WantedFile & { readonly values: Readonly<Record<string, string>> }

/**
 * The kernel has these settings now, and after a boot. A file that is read later at boot and sets
 * another value is an error that names it.
 */
export const sysctl = operation('sysctl', {
  want: ({ name, values }: Sysctl) => {
    if (!/^[a-z0-9-]+$/.test(name))
      throw new OptionError({
        message: `${JSON.stringify(name)} cannot be part of a file's name`,
        next: 'use a-z, 0-9 and -',
      })
    for (const key of Object.keys(values))
      if (!/^[a-z0-9_-]+[./][\w.@:-]+(?:\/[\w.@:-]+)*$/.test(key) || key.includes('..'))
        throw new OptionError({
          message: `${JSON.stringify(key)} is not a key of sysctl`,
          next: 'write it as sysctl prints it, such as vm.swappiness',
        })
    const words = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, normalizeSpaces(String(value))]),
    )
    const content = Object.entries(words)
      .map(([key, value]) => `${key} = ${value}\n`)
      .join('')
    return {
      ...completeFile({ path: `/etc/sysctl.d/60-brd-${name}.conf`, content }),
      values: words,
    }
  },
  name: ({ path }: Want) => path.replace(/^.*60-brd-|\.conf$/g, ''),
  probe: want => sh`for k in ${Object.keys(want.values).map(locateKey)}; do
  if [ -e "$k" ]; then v=$(cat "$k") || exit 1; echo "=" $v; else echo missing; fi
done
${printBootSettings}
${printFile(want, printLacks(want))}`,
  read: (out, want) => {
    const keys = Object.keys(want.values)
    const file = readFile(out, keys.length + 1)
    if (file instanceof Unknown) return file
    const lines = out.stdout.toString().split('\n')
    const missing = keys.filter((_, i) => lines[i] === 'missing')
    if (missing.length > 0) return new Unknown(`this kernel does not have ${missing.join(', ')}`)
    const others = findOverrides(lines[keys.length] ?? '', want.path, want.values)
    if (others.length > 0)
      return new Unknown(
        'after a boot it would not hold, since a later file sets another value: ' +
          others.join('; '),
      )
    return {
      file,
      values: Object.fromEntries(
        keys.map((key, i) => [key, normalizeSpaces(lines[i]?.slice(1) ?? '')]),
      ),
    }
  },
  plan: (now, want) => {
    const values = differences(now.values, want.values).filter(
      ({ before, after }) => before === null || readNumbers(before) !== readNumbers(after ?? ''),
    )
    const file = diffFile(now.file, want)
    if (file instanceof Unknown) return file
    const { apply, writes } =
      file.length > 0 ? putFile(file, want) : { apply: sh`:`, writes: false }
    const set = values.map(
      ({ key, after }) =>
        sh`printf '%s\n' ${after ?? ''} >${locateKey(key)} || {
  echo ${`${key} cannot be set to ${after} on this host`} >&2
  exit 1
}`,
    )
    return change(
      [...values, ...file],
      sh`${join(set)}
${apply}`,
      writes ? { stdin: want.content } : {},
    )
  },
})

const locateKey = (key: string): string =>
  `/proc/sys/${key.includes('/') ? key : key.replaceAll('.', '/')}`
/** The kernel reads 0x10 as 16 and 010 as 8, and prints decimal numbers. */
const readNumbers = (value: string): string =>
  value.replace(/(?<!\S)0(?:x[0-9a-f]+|[0-7]+)(?!\S)/gi, number =>
    String(Number(/^0x/i.test(number) ? number : `0o${number.slice(1)}`)),
  )
const normalizeSpaces = (value: string): string => value.trim().replace(/\s+/g, ' ')
