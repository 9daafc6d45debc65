import { setTimeout as sleep } from 'node:timers/promises'
import { toFailure } from '../errors/failure.ts'
import { type Sh, sh } from '../sh.ts'
import { probe } from '../transport/protocol/probe.ts'
import type { Session } from '../transport/session.ts'

/** Milliseconds between two logins. */
const PAUSE = 300

/** Answers a change that waits for a new login. */
export type LoginAnswer = {
  /** No further login is made. Resolves when the last one has ended. */
  readonly end: () => Promise<void>
  /** Why the last login failed, or null. */
  readonly trouble: () => string | null
}

/**
 * Logs in anew, again and again, until it is ended, and tells the change that waits in the folder
 * `dir` of the host. A login counts only if it began after the change asked: what the login before
 * has read comes from the next one.
 */
export const answerLogin = (anew: () => Session, dir: string): LoginAnswer => {
  let [over, seen] = [false, 'none']
  let trouble: string | null = null
  let session: Session | null = null
  const work = async (): Promise<void> => {
    while (!over) {
      try {
        session = anew()
        seen = await logIn(session, dir, seen)
        trouble = null
      } catch (error) {
        if (!over) trouble = toFailure(error).message
      }
      if (!over) await sleep(PAUSE)
    }
  }
  const working = work()
  return {
    trouble: () => trouble,
    end: () => {
      over = true
      void session?.interrupt('stop').catch(() => {}) // a host that does not answer is not awaited
      return working
    },
  }
}

/** Tells what an earlier login has read, and returns what is asked now. */
const logIn = async (session: Session, dir: string, seen: string): Promise<string> => {
  try {
    const [output] = await probe(await session.shell(), [
      { fragment: tell(dir, seen), seconds: 10 },
    ])
    return output?.stdout.toString().trim() || 'none'
  } finally {
    await session.end()
  }
}

const tell = (dir: string, seen: string): Sh => sh`a=$(cat ${dir}/ask 2>/dev/null) || a=none
[ "$a" = none ] || [ "$a" != ${seen} ] || echo "$a" >${dir}/answer
echo "$a"`
