import type { Output } from '../../../operation.ts'
import { type Sh, sh } from '../../../sh.ts'

/** The images in a file of `docker save`: their names, and the ids that Docker may give them. */
export type Saved = { readonly names: readonly string[]; readonly ids: readonly string[] }

/**
 * Prints the two lists in a file of `docker save`, one per line: Docker's, and OCI's since version
 * 25. Exits with 3 if the file does not exist.
 */
export const printSaved = (
  file: string,
): Sh => sh`[ -f ${file} ] || { echo ${`there is no file ${file}`} >&2; exit 3; }
list=$(tar -xOf ${file} manifest.json) || {
  echo ${`${file} was not written by docker save`} >&2
  exit 3
}
printf 'manifest %s\n' "$(printf '%s' "$list" | tr -d '\n')"
printf 'index %s\n' "$(tar -xOf ${file} index.json 2>/dev/null | tr -d '\n')"`

/**
 * Reads what `savedIn` printed; null if it does not list images. An id is the manifest's with
 * containerd's store, otherwise the configuration's.
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
