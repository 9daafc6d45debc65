import { createHash } from 'node:crypto'
import { OptionError } from '../../errors/option-error.ts'
import { change, differences, operation, Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { checkName, needsDocker, prefixKeys, queryApi, readNamed } from './api.ts'

export type Config = Kept | Gone

type Kept = {
  /** Its name; on the cluster `NAME_HASH`, unless `fixed`. */
  readonly name: string
  readonly state?: 'present'
  /** Its content, 500 kB at most. Never a secret: every manager can read it. */
  readonly content: string
  /**
   * True: use `name` unchanged. Swarm cannot change a config, so new content is then an error.
   * False: new content makes a new config. Default false.
   */
  readonly fixed?: boolean
  /** Labels to set when it is created. Others are left alone. */
  readonly labels?: Readonly<Record<string, string>>
}
type Gone = {
  /** Its name on the cluster, in full. */
  readonly name: string
  /** Removes it. The swarm refuses that while a service uses it. */
  readonly state: 'absent'
}

type Api = {
  readonly ID: string
  readonly Spec: {
    readonly Name: string
    readonly Data?: string
    readonly Labels?: Readonly<Record<string, string>> | null
  }
}

/**
 * A config with this content exists in the swarm; for a manager. Services refer to it by the
 * operation's `name`.
 */
export const config = operation('docker.config', {
  want: (want: Config) => {
    if (want.state === 'absent') return { ...want, name: checkName('config', want.name) }
    if (want.content === '')
      throw new OptionError({
        message: 'content is empty, which Docker refuses',
        next: 'give it some content, or leave the config out',
      })
    const hash = createHash('sha256').update(want.content).digest('hex').slice(0, 12)
    return { ...want, name: checkName('config', want.fixed ? want.name : `${want.name}_${hash}`) }
  },
  name: ({ name }: Config) => name,
  probe: ({ name }) => sh`${needsDocker}
${queryApi([`/configs/${name}`])}`,
  read: (out, { name }) => readNamed<Api>(out, 'the config', name),
  plan: (now, want) => {
    const { name } = want
    if (want.state === 'absent')
      return change(
        differences({ config: now && name }, { config: null }),
        sh`docker config rm ${now?.ID ?? name} >/dev/null`,
      )
    const { content, labels = {} } = want
    const text = now && Buffer.from(now.Spec.Data ?? '', 'base64').toString()
    const diff = [
      ...(text === content
        ? []
        : [{ key: 'content', before: text, after: content, text: true as const }]),
      ...differences(prefixKeys('label', now?.Spec.Labels), prefixKeys('label', labels)),
    ]
    if (now && diff.length > 0)
      return new Unknown(
        `Swarm cannot change a config (${diff.map(({ key }) => key).join(', ')}): ` +
          'leave out `fixed`, or use another name',
      )
    return change(diff, sh`docker config create ${formatLabels(labels)} ${name} - >/dev/null`, {
      stdin: content,
    })
  },
})

/** Writes labels as options of the command line. */
export const formatLabels = (labels: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`])
