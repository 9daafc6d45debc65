import { OptionError } from '../../errors/option-error.ts'
import { type Diff, type Output, Unknown, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'

/** The socket on which Docker's API listens. */
export const socket = '/var/run/docker.sock'

/** Ends a probe with exit 3 and the reason while Docker or curl is missing. */
export const needsDocker: Sh = sh`
command -v docker >/dev/null || { echo 'Docker is not installed' >&2; exit 3; }
command -v curl >/dev/null || { echo 'curl is not installed' >&2; exit 3; }
[ -S ${socket} ] || { echo 'Docker does not run' >&2; exit 3; }`

/**
 * Reads from Docker's API in one process: prints a line of JSON and a line with the HTTP status for
 * each path. The docker CLI would take 30 ms for each.
 */
export const queryApi = (paths: readonly string[]): Sh =>
  sh`curl --silent --show-error --globoff --max-time 12 --unix-socket ${socket} \
  --write-out '%{http_code}\n' ${paths.map(path => `http://docker${path}`)}`

/** Writes a filter of the API as a query parameter. */
export const formatFilter = (filters: Readonly<Record<string, readonly string[]>>): string =>
  `filters=${encodeURIComponent(JSON.stringify(filters))}`

/** The label that Docker sets on every object of a stack. */
export const stackLabel = 'com.docker.stack.namespace'

export type ApiAnswer = { readonly status: number; readonly body: unknown }

/** Reads what `get` printed. */
export const readAnswers = (stdout: string): readonly ApiAnswer[] => {
  const lines = stdout.split('\n').filter(line => line !== '')
  return lines.flatMap((line, i) =>
    /^\d{3}$/.test(line)
      ? [{ status: Number(line), body: JSON.parse(lines[i - 1] ?? 'null') as unknown }]
      : [],
  )
}

/** Reads the first answer: null if the object does not exist, unknown if Docker cannot say. */
export const readFirst = <T>(out: Output, what: string): T | null | Unknown => {
  const [answer] = readAnswers(out.stdout.toString())
  if (out.exitCode !== 0 || !answer) return unreadable(out, `${what} cannot be read`)
  if (answer.status === 200) return answer.body as T
  const message = (answer.body as { message?: string } | null)?.message ?? ''
  // Any other 404 does not come from this API.
  if (
    answer.status === 404 &&
    /no such|not found/i.test(message) &&
    !/page not found/.test(message)
  )
    return null
  return unreadable(
    { ...out, stderr: message || `HTTP ${answer.status}` },
    `${what} cannot be read`,
  )
}

/**
 * Reads the first answer about a config or secret of this name. Docker also takes the beginning of
 * another object's id for a name: such an answer is of something else, so the object does not
 * exist.
 */
export const readNamed = <T extends { readonly Spec: { readonly Name: string } }>(
  out: Output,
  what: string,
  name: string,
): T | null | Unknown => {
  const found = readFirst<T>(out, what)
  return found === null || found instanceof Unknown || found.Spec.Name === name ? found : null
}

/** Checks a name of a volume, container, config or secret, and returns it. */
export const checkName = (kind: string, name: string): string => {
  if (!/^[a-zA-Z0-9][\w.-]{0,63}$/.test(name))
    throw new OptionError({
      message: `${JSON.stringify(name)} is not a name of a ${kind}`,
      next: 'use at most 64 letters, digits, _ . and -, beginning with a letter or a digit',
    })
  return name
}

/** Writes a diff in one line, for an error about what Docker cannot change. */
export const formatChanges = (diff: Diff): string =>
  diff.map(({ key, before, after }) => `${key}: ${before}, wanted ${after}`).join('; ')

/** Prefixes the keys of labels or options, for a diff: `label brd.env`. */
export const prefixKeys = <T extends string | null>(
  kind: string,
  values: Readonly<Record<string, T>> | null | undefined,
): Record<string, T> =>
  Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [`${kind} ${key}`, value]))
