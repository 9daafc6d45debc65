import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Returns the arguments after the script's name, without zx's own flags. */
export const readArguments = (
  meta: { readonly url: string },
  argv: readonly string[] = process.argv,
): string[] => {
  const script = fileURLToPath(meta.url)
  return argv.slice(argv.findIndex(word => resolvePath(word) === resolvePath(script)) + 1)
}

const resolvePath = (path: string) => {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
