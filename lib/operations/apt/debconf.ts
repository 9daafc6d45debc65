import { OptionError } from '../../errors/option-error.ts'
import { change, type Diff, operation, type Payload, unreadable } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { join, type Sh, sh } from '../../sh.ts'
import { sha256 } from '../file/content.ts'
import { defineAgain, type Locked } from './install.ts'

export type DebconfAnswer = {
  /** As debconf-show prints it: `postfix/main_mailer_type`. */
  readonly question: string
  /** The question's type. */
  readonly vtype: 'boolean' | 'string' | 'select' | 'multiselect' | 'password' | 'note'
  /** One line. A Secret is compared by its hash and never shown. */
  readonly value: string | Secret
}

export type Debconf = Locked & {
  /** The package that asks. List this operation before the package: it need not be installed. */
  readonly name: string
  /** Each question once. */
  readonly answers: readonly [DebconfAnswer, ...DebconfAnswer[]]
}

/**
 * debconf has these answers to what a package asks when it is installed. One that is installed
 * already reads them at its next `dpkg-reconfigure`.
 */
export const debconf = operation('apt.debconf', {
  check: (want: Debconf) => {
    if (!/^[a-z0-9][a-z0-9+.-]+$/.test(want.name))
      throw new OptionError({
        message: `${JSON.stringify(want.name)} is not a package name`,
        next: 'use the name of the package that asks',
      })
    for (const { question, value } of want.answers) {
      if (!/^[\w.+-]+(\/[\w.+-]+)+$/.test(question))
        throw new OptionError({
          message: `${JSON.stringify(question)} is not a question's name`,
          next: 'write it as debconf-show prints it, such as postfix/main_mailer_type',
        })
      if (/[\0\n]|^\s|\s$/.test(value instanceof Secret ? value.reveal() : value))
        throw new OptionError({
          message: `the answer to ${question} must be one line without spaces at its ends`,
          next: 'correct its value',
        })
    }
  },
  name: ({ name, answers }: Debconf) =>
    `${name} ${answers.map(({ question }) => question).join(' ')}`,
  probe: ({ answers }) => sh`cd /var/cache/debconf && [ -r config.dat ] && [ -r passwords.dat ] || {
  echo 'debconf has no database on this host' >&2
  exit 1
}
answer() {
  QUESTION=$1 awk '
    /^Name: / {on = substr($0, 7) == ENVIRON["QUESTION"]}
    on && sub(/^Value: ?/, "") {found = 1; printf "%s", $0}
    END {exit !found}' config.dat passwords.dat
}
show() {
  a=$(answer "$1")
  case $? in 0) ;; 1) echo absent; return ;; *) exit 74 ;; esac
  h=$(printf %s "$a" | sha256sum)
  echo "\${h%% *}$2"
  [ -n "$2" ] || printf '%s\n' "$a"
}
${join(answers.map(({ question, value }) => printAnswer(question, value instanceof Secret)))}
echo end`,
  read: out => {
    const lines = out.stdout.toString().split('\n')
    return out.exitCode === 0 && lines.at(-2) === 'end'
      ? [...readAnswers(lines.slice(0, -2))]
      : unreadable(out)
  },
  plan: (now, want) => {
    const diff: Diff = want.answers.flatMap(({ question, value }, i) => {
      const is = now[i] ?? null
      if (is?.hash === sha256(value instanceof Secret ? value.reveal() : value)) return []
      return [
        {
          key: question,
          before: is && (value instanceof Secret ? '(other value)' : is.value),
          after: String(value),
        },
      ]
    })
    const lines: Payload = want.answers.flatMap(({ question, vtype, value }) => [
      `${want.name} ${question} ${vtype} `,
      value,
      '\n',
    ])
    return change(
      diff,
      sh`${defineAgain(want)}
( answers=$(mktemp) || exit 1
trap 'rm -f "$answers" "$said"' 0; trap 'exit 143' HUP INT TERM
cat >"$answers"; again debconf-set-selections "$answers" )`,
      { stdin: lines },
    )
  },
})

const printAnswer = (question: string, secret: boolean): Sh =>
  sh`show ${question} ${secret ? ' secret' : ''}`

/** Reads what `show` printed: the word absent, or a hash and, unless it is secret, the value. */
function* readAnswers(
  lines: readonly string[],
): Generator<{ readonly hash: string; readonly value: string } | null> {
  for (let i = 0; i < lines.length; i++) {
    const [hash = '', secret] = (lines[i] as string).split(' ')
    if (hash === 'absent') yield null
    else yield { hash, value: secret ? '' : (lines[++i] ?? '') }
  }
}
