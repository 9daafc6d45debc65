import { OptionError } from '../errors/option-error.ts'
import { change, type Diff, differences, operation, Unknown, unreadable } from '../operation.ts'
import { join, sh } from '../sh.ts'
import { editFile, PRESENT } from './file/edit.ts'

export type Locale = {
  /**
   * The default locale, `LANG`: `en_GB.UTF-8`, `C.UTF-8`. Open sessions keep theirs.
   */
  readonly lang: string
  /** Further locales to generate. Default: none. */
  readonly also?: readonly string[]
}

const DEFAULT = '/etc/default/locale'
const LIST = '/etc/locale.gen'

/** The host uses this locale by default, and the others are available. */
export const locale = operation('locale', {
  check: (want: Locale) => {
    const bad = listLocales(want).find(name => !/^(C|[a-z]{2,3}_[A-Z]{2})\.UTF-8$/.test(name))
    if (bad !== undefined)
      throw new OptionError({
        message: `${JSON.stringify(bad)} is not a locale's name`,
        next: 'use a name such as en_GB.UTF-8 or C.UTF-8',
      })
  },
  name: (_: Locale) => DEFAULT,
  probe: () => sh`all=$(locale -a) || exit 1
command -v locale-gen >/dev/null && echo yes || echo no
if [ -e ${DEFAULT} ]; then
  v=$(sed -n 's/^[[:space:]]*LANG=//p' ${DEFAULT} | tail -n 1 | tr -d \"\') || exit 1
  echo "lang=$v"
else echo lang=; fi
echo "$all"; echo end`,
  read: out => {
    const [generator, lang = '', ...all] = out.stdout.toString().trimEnd().split('\n')
    if (out.exitCode !== 0 || all.pop() !== 'end' || !lang.startsWith('lang='))
      return unreadable(out)
    return {
      generator: generator === 'yes',
      lang: lang.slice(5) || null,
      all: all.map(normalizeName),
    }
  },
  plan: (now, want) => {
    const missing = listLocales(want).filter(name => !now.all.includes(normalizeName(name)))
    if (missing.length > 0 && !now.generator)
      return new Unknown(
        `${missing.join(', ')} cannot be generated: install the package locales first`,
      )
    const lang = differences({ lang: now.lang }, { lang: want.lang })
    const diff: Diff = [
      ...missing.map(name => ({ key: name, before: null, after: 'generated' })),
      ...lang,
    ]
    return change(
      diff,
      join([
        ...(missing.length > 0 ? [generateLocales(missing)] : []),
        ...(lang.length > 0 ? [setLang(want.lang)] : []),
      ]),
      {
        seconds: 300,
      },
    )
  },
})

const listLocales = ({ lang, also = [] }: Locale): readonly string[] => [
  ...new Set([lang, ...also]),
]

/** Normalises a name: `locale -a` prints en_GB.utf8 for en_GB.UTF-8. */
const normalizeName = (name: string): string => name.toLowerCase().replace(/-/g, '')

/**
 * Adds locales to the list, so that the package's next version keeps them, and generates them.
 * locale-gen does not report an unknown name, so that is checked first.
 */
const generateLocales = (names: readonly string[]) => sh`for l in ${names}; do
  grep -qx "$l UTF-8" /usr/share/i18n/SUPPORTED || {
    echo "this host does not know the locale $l: see /usr/share/i18n/SUPPORTED" >&2
    exit 1
  }
done
[ -e ${LIST} ] || ( umask 022; : >${LIST} ) || exit 1
( ${editFile(
  LIST,
  sh`NAMES=${` ${names.join(' ')} `} awk '
  {line = $0; sub(/^#[[:space:]]*/, "", line); split(line, word)}
  index(ENVIRON["NAMES"], " " word[1] " ") {next}
  {print}' ${PRESENT} || exit 1
printf '%s UTF-8\n' ${names}`,
)} ) || exit 1
locale-gen --keep-existing >/dev/null || exit 1`

const setLang = (lang: string) => sh`[ -e ${DEFAULT} ] || ( umask 022; : >${DEFAULT} ) || exit 1
( ${editFile(
  DEFAULT,
  sh`awk '!/^[[:space:]]*LANG=/' ${PRESENT} || exit 1
printf 'LANG=%s\n' ${lang}`,
)} ) || exit 1`
