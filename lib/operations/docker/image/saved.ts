import type { Output } from '../../../operation.ts'
import { type Sh, sh } from '../../../sh.ts'

/**
 * The images in a file of `docker save`: what they are called, and the ids that Docker may give
 * them.
 */
export type Saved = { readonly names: readonly string[]; readonly ids: readonly string[] }

/**
 * Prints the lists in a file of `docker save`, one a line: Docker's own, and since version 25 OCI's
 * too. Ends with exit 3 where the file is not there.
 */
export const savedIn = (
  file: string,
): Sh => sh`[ -f ${file} ] || { echo ${`there is no file ${file}`} >&2; exit 3; }
list=$(tar -xOf ${file} manifest.json) || { echo ${`${file} is no file of docker save`} >&2; exit 3; }
printf 'manifest %s\n' "$(printf '%s' "$list" | tr -d '\n')"
printf 'index %s\n' "$(tar -xOf ${file} index.json 2>/dev/null | tr -d '\n')"`

/**
 * What `savedIn` printed; null where that is no list of images. With containerd's store an id is
 * that of the manifest, otherwise of the configuration.
 */
export const readSaved = (out: Output): Saved | null => {
  const text = out.stdout.toString()
  try {
    const manifest = JSON.parse(/^manifest (.*)$/m.exec(text)?.[1] ?? '') as {
      Config: string
      RepoTags?: string[] | null
    }[]
    const index = JSON.parse(/^index (.+)$/m.exec(text)?.[1] ?? '{}') as {
      manifests?: { digest: string }[]
    }
    const configs = manifest.flatMap(({ Config }) => /([0-9a-f]{64})/.exec(Config)?.[1] ?? [])
    return {
      names: manifest.flatMap(({ RepoTags }) => RepoTags ?? []),
      ids: [
        ...configs.map(hex => `sha256:${hex}`),
        ...(index.manifests ?? []).map(({ digest }) => digest),
      ],
    }
  } catch {
    return null
  }
}
