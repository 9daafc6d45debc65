import { OptionError } from '../errors/option-error.ts'
import { change, differences, operation, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
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
  probe: ({ name }) => sh`all=$(lsmod) || exit 1
if echo "$all" | grep -q ${`^${normalizeName(name)} `} ||
  [ -e ${`/sys/module/${normalizeName(name)}`} ]; then echo loaded; else echo absent; fi`,
  read: out => {
    const word = out.stdout.toString().trim()
    return out.exitCode === 0 && (word === 'loaded' || word === 'absent') ? word : unreadable(out)
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

/** The kernel has loaded this module, now and after a boot. */
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
