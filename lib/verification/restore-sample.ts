import { type KeptFile, type ListedFile, readFileList, readSums } from '../backups/file-list.ts'
import { Finding } from './checks.ts'
import { type ResticCall, shorten } from './restic.ts'
import type { Throwaway } from './throwaway.ts'

/** Restores some files and looks at them: mode, owner, size and hash, by path. */
export const restoreSample = async (
  place: Throwaway,
  call: ResticCall,
  snapshot: string,
  sample: readonly string[],
): Promise<Map<string, KeptFile>> => {
  if (sample.length === 0) return new Map()
  await call(
    [
      'restore',
      snapshot,
      '--target',
      '/restore/files',
      ...sample.flatMap(path => ['--include', escapePattern(path)]),
    ],
    { what: 'restored files', into: '/dev/null' },
  )
  const listed = await place.run({
    script: `cd /restore/files
find . -type f -printf '%y\\037%m\\037%U\\037%G\\037%s\\037%T@\\037%P\\0'`,
    seconds: 600,
  })
  const hashed = await place.run({
    script: 'cd /restore/files; find . -type f -printf "%P\\0" | xargs -0 -r sha256sum --zero',
    seconds: 3600,
  })
  if (listed.exitCode !== 0 || hashed.exitCode !== 0)
    throw new Finding('unverified', `the restored files cannot be read: ${shorten(hashed)}`)
  const sums = readSums(hashed.stdout)
  return new Map(
    readFileList(listed.stdout).map((file: ListedFile) => [
      `/${file.path}`,
      { ...file, sum: sums.get(file.path) ?? 'not read' },
    ]),
  )
}

/** A path as a pattern of restic's that matches nothing else. */
const escapePattern = (path: string): string => path.replace(/[\\*?[\]]/g, '\\$&')
