import { type Sh, sh } from '../../sh.ts'

/** Where Docker's API listens. */
export const socket = '/var/run/docker.sock'

/** Ends a probe with exit 3 and the reason, where Docker or curl is not there yet. */
export const needsDocker: Sh = sh`command -v docker >/dev/null || { echo 'Docker is not installed' >&2; exit 3; }
command -v curl >/dev/null || { echo 'curl is not installed' >&2; exit 3; }
[ -S ${socket} ] || { echo 'Docker does not run' >&2; exit 3; }`

/** Asks Docker's API in one process: for each path, a line of JSON and a line with the HTTP status. The docker CLI takes 30 ms for each question. */
export const get = (paths: readonly string[]): Sh =>
  sh`curl --silent --show-error --globoff --max-time 12 --unix-socket ${socket} --write-out '%{http_code}\n' ${paths.map(path => `http://docker${path}`)}`

/** A filter of the API as a query parameter. */
export const filter = (filters: Readonly<Record<string, readonly string[]>>): string =>
  `filters=${encodeURIComponent(JSON.stringify(filters))}`

/** The label that Docker puts on all that belongs to a stack. */
export const namespace = 'com.docker.stack.namespace'

export type Answer = { readonly status: number; readonly body: unknown }

/** Reads what `get` printed. */
export const answers = (stdout: string): readonly Answer[] => {
  const lines = stdout.split('\n').filter(line => line !== '')
  return lines.flatMap((line, i) =>
    /^\d{3}$/.test(line) ? [{ status: Number(line), body: JSON.parse(lines[i - 1] ?? 'null') as unknown }] : [],
  )
}
