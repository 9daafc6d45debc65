/** The best source: a registry. One that does not answer is not asked for every image again. */
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Provided, Request } from './types.ts'

/** Milliseconds that one image may take to arrive. */
const PULL = 10 * 60_000
/** Milliseconds for which a registry that did not answer is left alone. */
const SILENCE = 60 * 60_000

export type Registry = (ref: string) => Promise<Provided>

/**
 * Pulls what is not on the engine. Once nothing answers, it rejects immediately: for the rest of
 * this call, and for an hour.
 */
export const openRegistry = ({ docker, cache, say }: Omit<Request, 'refs'>): Registry => {
  const mark = join(cache, 'registry-silent')
  let silent: boolean | null = null
  return async ref => {
    const here = await readVersion(docker, ref)
    if (here !== null) return describePulled(ref, here)
    silent ??= await isFresh(mark)
    if (silent) throw new Error('no registry answers')
    try {
      await reportWhile(docker(['pull', '--quiet', ref], { timeout: PULL }), seconds =>
        say(`${ref}: pulling, ${seconds} s`),
      )
    } catch (error) {
      if (isSilence(String(error))) silent = await writeMark(mark)
      throw new Error(extractReason(String(error)), { cause: error })
    }
    return describePulled(ref, (await readVersion(docker, ref)) ?? '')
  }
}

/**
 * True for an error that says the registry was not reached at all; false where it answered, even
 * with a refusal.
 */
export const isSilence = (error: string): boolean =>
  [
    /no such host|server misbehaving|connection refused|network is unreachable/i,
    /no route to host|timeout|deadline exceeded|ended after/i,
  ].some(silence => silence.test(error))

const extractReason = (error: string) => error.replace(/^.*Error response from daemon: /s, '')

const describePulled = (ref: string, version: string): Provided => ({
  ref,
  image: ref,
  source: 'registry',
  version: version || (ref.split(':')[1] ?? ''),
  standIn: false,
  from: 'a registry',
})

const readVersion = (docker: Request['docker'], ref: string): Promise<string | null> =>
  docker([
    'image',
    'inspect',
    '--format',
    '{{index .Config.Labels "org.opencontainers.image.version"}}',
    ref,
  ]).then(
    text => text.trim(),
    () => null,
  )

const isFresh = (mark: string): Promise<boolean> =>
  stat(mark).then(
    ({ mtimeMs }) => Date.now() - mtimeMs < SILENCE,
    () => false,
  )

const writeMark = async (mark: string): Promise<boolean> => {
  await mkdir(join(mark, '..'), { recursive: true })
  await writeFile(mark, '')
  return true
}

const reportWhile = async <T>(work: Promise<T>, tick: (seconds: number) => void): Promise<T> => {
  const started = performance.now()
  const timer = setInterval(() => tick(Math.round((performance.now() - started) / 1000)), 15_000)
  return work.finally(() => clearInterval(timer))
}
