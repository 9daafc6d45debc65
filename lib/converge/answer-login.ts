import { setTimeout as sleep } from 'node:timers/promises'
import { toFailure } from '../errors/failure.ts'
import { type Sh, sh } from '../sh.ts'
import { probe } from '../transport/protocol/probe.ts'
import type { Shell } from '../transport/root-shell.ts'
import type { Session } from '../transport/session.ts'

/** Milliseconds before the second login; before each further one twice as many, up to the most. */
const PAUSE = 300
const LONGEST_PAUSE = 3000

/** How a host is reached while one of its changes waits for a new login. */
export type LoginWays = {
  /** Begins a session that logs in by itself. */
  readonly anew: () => Session
  /** A second shell on the connection that is there. Default: new logins look for the question. */
  readonly beside?: Session['beside']
}

/** Answers a change that waits for a new login. */
export type LoginAnswer = {
  /** No further login is made. Resolves when the last one has ended. */
  readonly end: () => Promise<void>
  /** Why the last login failed, or null. */
  readonly trouble: () => string | null
}

/**
 * Logs in anew once a change asks for it, in the folder `dir` of the host, until it is ended. A
 * login counts only if it began after the question was there: a second shell waits for it on the
 * old connection, or, on a host that refuses one, an earlier login has read it.
 */
export const answerLogin = ({ anew, beside }: LoginWays, dir: string): LoginAnswer => {
  let [over, asked, pause] = [false, 'none', PAUSE]
  let trouble: string | null = null
  let session: Session | null = null
  let wait = beside
  const work = async (): Promise<void> => {
    while (!over) {
      if (wait && asked === 'none')
        asked = await wait(shell => ask(shell, awaitQuestion(dir))).catch(() => {
          wait = undefined
          return 'none'
        })
      if (over) return
      if (wait && asked === 'none') {
        await sleep(PAUSE)
        continue
      }
      try {
        session = anew()
        asked = await logIn(session, tell(dir, asked))
        trouble = null
      } catch (error) {
        if (!over) trouble = toFailure(error).message
      }
      if (!over) await sleep(pause)
      pause = Math.min(pause * 2, LONGEST_PAUSE)
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

const logIn = async (session: Session, fragment: Sh): Promise<string> => {
  try {
    return await ask(await session.shell(), fragment)
  } finally {
    await session.end()
  }
}

const ask = async (shell: Shell, fragment: Sh): Promise<string> => {
  const [output] = await probe(shell, [{ fragment, seconds: 60 }])
  return output?.stdout.toString().trim() || 'none'
}

/** Prints what is asked, once it is, or `none` when the change has ended. */
const awaitQuestion = (dir: string): Sh => sh`k=.c
until a=$(cat ${dir}/ask 2>/dev/null); do
  case $k in *.c*|begin) ;; *) a=none; break;; esac
  sleep 0.2; read -r k s p <${dir}/now || k=
done
echo "$a"`

/** Tells what was read before, and prints what is asked now. */
const tell = (dir: string, asked: string): Sh => sh`a=$(cat ${dir}/ask 2>/dev/null) || a=none
[ "$a" = none ] || [ "$a" != ${asked} ] || echo "$a" >${dir}/answer
echo "$a"`
