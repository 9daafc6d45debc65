import { OptionError } from '../errors/option-error.ts'
import { change, differences, operation, Unknown, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import type { Path } from './file/entry.ts'
import { file } from './file.ts'

export type KernelModule = {
  /** The module's name. */
  readonly name: string
  /**
   * The folder with modules-load.d and modprobe.d, for a system that has them elsewhere. Default
   * /etc.
   */
  readonly folder?: Path
} & (
  | {
      /** `absent`: unloaded now, and not loaded at boot. Default present. */
      readonly state?: 'present'
      /**
       * Its parameters, such as `numdummies=2`, which apply the next time it is loaded. Default:
       * none.
       */
      readonly params?: string
    }
  | { readonly state: 'absent'; readonly params?: never }
)

const loaded = operation('kernelModule', {
  name: ({ name }: KernelModule) => name,
  probe: ({ name, folder = '/etc', state, params }) => sh`all=$(lsmod) || exit 1
if echo "$all" | grep -q ${`^${normalizeName(name)} `} ||
  [ -e ${`/sys/module/${normalizeName(name)}`} ]; then echo loaded; else echo absent; fi
${state === 'absent' ? printLoaders(name, folder) : printObstacles(name, folder, params)}`,
  read: out => {
    const [word = '', ...others] = out.stdout.toString().trimEnd().split('\n')
    if (out.exitCode !== 0 || (word !== 'loaded' && word !== 'absent')) return unreadable(out)
    if (others.length > 0)
      return new Unknown(`after a boot it would not hold: ${others.slice(0, 5).join('; ')}`)
    return word
  },
  plan: (now, { name, state }) =>
    state === 'absent'
      ? change(
          differences({ module: now === 'loaded' ? now : null }, { module: null }),
          sh`modprobe -r ${name}`,
        )
      : change(
          differences({ module: now === 'loaded' ? now : null }, { module: 'loaded' }),
          sh`modprobe ${name}`,
        ),
})

/** The files that a boot reads: in the administrator's folder, then those of packages. */
const listFiles = (folder: string, kind: string): Sh =>
  sh`set --
for f in ${folder}/${kind}/*.conf /run/${kind}/*.conf /usr/lib/${kind}/*.conf \
  /lib/${kind}/*.conf; do
  [ ! -f "$f" ] || set -- "$@" "$f"
done`

/**
 * What keeps the module out at boot, or gives it other parameters: a deny-list, a command in its
 * place, the same parameter in a file that is read later.
 */
const printObstacles = (name: string, folder: string, params = ''): Sh =>
  sh`${listFiles(folder, 'modprobe.d')}
[ $# -eq 0 ] || MODULE=${normalizeName(name)} OWN=${`brd-${name}.conf`} \
  PARAMS=${` ${params.replace(/=\S*/g, '').trim()} `} awk '
{module = $2; gsub(/-/, "_", module); file = FILENAME; sub(/.*\//, "", file)}
module "" != ENVIRON["MODULE"] || file == ENVIRON["OWN"] {next}
$1 == "blacklist" || ($1 == "install" && $3 ~ /\/(true|false)$/) {print $0 " in " FILENAME}
$1 == "options" && file > ENVIRON["OWN"] {
  for (i = 3; i <= NF; i++) {
    key = $i; sub(/=.*/, "", key)
    if (index(ENVIRON["PARAMS"], " " key " ")) print "options " $2 " " $i " in " FILENAME
  }
}' "$@" || exit 74`

/** The other files that load the module at boot. */
const printLoaders = (name: string, folder: string): Sh =>
  sh`${listFiles(folder, 'modules-load.d')}
[ ! -f ${folder}/modules ] || set -- "$@" ${folder}/modules
[ $# -eq 0 ] || MODULE=${normalizeName(name)} OWN=${`/brd-${name}.conf`} awk '
{module = $1; gsub(/-/, "_", module)}
module "" == ENVIRON["MODULE"] && !index(FILENAME, ENVIRON["OWN"]) {
  print "it is loaded by " FILENAME
}' "$@" || exit 74`

/**
 * The kernel has loaded this module, now and after a boot. Another file that keeps it out at boot,
 * or loads what should be absent, is an error that names it.
 */
export const kernelModule = operation('kernelModule', {
  from: (want: KernelModule, meta) => {
    const { name, folder = '/etc', params, state } = want
    if (!/^[\w-]+$/.test(name))
      throw new OptionError({
        message: `${JSON.stringify(name)} is not a module's name`,
        next: 'use letters, digits, _ and -',
      })
    if (params !== undefined && (/[\0\n]/.test(params) || params.trim() === ''))
      throw new OptionError({
        message: 'params must be one line of text',
        next: 'such as numdummies=2; leave it out for none',
      })
    const [boot, options] = [
      `${folder}/modules-load.d/brd-${name}.conf`,
      `${folder}/modprobe.d/brd-${name}.conf`,
    ] as [Path, Path]
    if (state === 'absent')
      return [
        loaded(want, meta),
        file({ path: boot, state: 'absent' }, meta),
        file({ path: options, state: 'absent' }, meta),
      ]
    return [
      params === undefined
        ? file({ path: options, state: 'absent' }, meta)
        : file({ path: options, content: `options ${name} ${params}\n` }, meta),
      file({ path: boot, content: `${name}\n` }, meta),
      loaded(want, meta),
    ]
  },
})

/** Writes a module's name with underscores, as the kernel does. */
const normalizeName = (name: string): string => name.replaceAll('-', '_')
