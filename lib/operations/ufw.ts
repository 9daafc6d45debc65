import { OptionError } from '../errors/option-error.ts'
import { change, type Diff, differences, operation, Unknown, unreadable } from '../operation.ts'
import { join, type Sh, sh } from '../sh.ts'
import { printUnproven, takeBackUnlessProven } from './access/take-back.ts'
import { allowsAddress } from './firewall/rules.ts'
import { printSsh } from './firewall/ssh.ts'
import { checkRule, formatArguments, formatTuples, type Rule } from './ufw/rule.ts'

export type Ufw = {
  /** The rules; the first match applies. One of them must allow ssh. */
  readonly rules: readonly Rule[]
  /** True: exactly these rules. False: add them to the others. Default true. */
  readonly exact?: boolean
  /** The policy for incoming connections that match no rule. Default deny. */
  readonly incoming?: Policy
  /** The policy for outgoing connections that match no rule. Default allow. */
  readonly outgoing?: Policy
  /** Whether ufw is active, now and after a boot. Default true. */
  readonly enabled?: boolean
}

type Policy = 'allow' | 'deny' | 'reject'
type Now = {
  readonly settings: Readonly<Record<string, string>>
  readonly tuples: readonly string[]
  readonly sshPorts: readonly string[]
  readonly session: string | undefined
  readonly proven: boolean
}

const KEPT = { ACCEPT: 'allow', DROP: 'deny', REJECT: 'reject' } as Readonly<Record<string, Policy>>

/**
 * ufw has these rules in this order, and is active or not. Rules that would block sshd or this
 * connection are refused, and rules with which this run cannot log in anew are taken back. ufw does
 * not filter ports that containers publish: use `firewall` for
 * them.
 */
export const ufw = operation('ufw', {
  check: (want: Ufw) => {
    for (const rule of want.rules) checkRule(rule)
    const all = want.rules.flatMap(rule => formatTuples(rule, [4, 6]))
    const twice = all.find((tuple, i) => all.indexOf(tuple) !== i)
    if (twice !== undefined)
      throw new OptionError({
        message: `a rule is listed twice: ${twice}`,
        next: 'remove one of the two',
      })
  },
  name: (_: Ufw) => 'rules',
  probe: () => sh`command -v ufw >/dev/null || { echo 'ufw is not installed' >&2; exit 3; }
for key in DEFAULT_INPUT_POLICY DEFAULT_OUTPUT_POLICY IPV6; do
  sed -n "s/^\($key\)=\"\{0,1\}\([A-Za-z]*\)\"\{0,1\}$/set \1=\2/p" /etc/default/ufw || exit 1
done
sed -n 's/^\(ENABLED\)=\(.*\)/set \1=\2/p' /etc/ufw/ufw.conf || exit 1
if iptables -w 5 -S ufw-user-input >/dev/null 2>&1
then echo 'set LOADED=yes'; else echo 'set LOADED=no'; fi
sed -n 's/^### tuple ### /tuple /p' /etc/ufw/user.rules /etc/ufw/user6.rules || exit 1
${printSsh}
${printUnproven(RULES.name)}
echo end`,
  read: (out, want): Now | Unknown => {
    const lines = out.stdout.toString().trimEnd().split('\n')
    const after = (start: string) =>
      lines.flatMap(line => (line.startsWith(start) ? [line.slice(start.length)] : []))
    const settings = Object.fromEntries(
      after('set ').map(line => line.split('=') as [string, string]),
    )
    if (
      out.exitCode !== 0 ||
      lines.at(-1) !== 'end' ||
      !settings['DEFAULT_INPUT_POLICY'] ||
      !settings['ENABLED']
    )
      return unreadable(out)
    const now = {
      settings,
      tuples: after('tuple ').map(line => line.replace(/ comment=\S*$/, '')),
      sshPorts: [...new Set(after('port='))],
      session: after('session=')[0],
      proven: !lines.includes('unproven'),
    }
    return findLockout(now, want) ?? now
  },
  plan: (now, want) => {
    const { rules, exact = true, enabled = true } = want
    const families = now.settings['IPV6'] === 'yes' ? ([4, 6] as const) : ([4] as const)
    const wanted = rules.flatMap(rule => formatTuples(rule, families))
    const { gone, made } = exact
      ? editRules(now.tuples, wanted)
      : { gone: [], made: wanted.filter(tuple => !now.tuples.includes(tuple)) }
    const foreign = gone.find(tuple => formatArguments(tuple) === null)
    if (foreign !== undefined)
      return new Unknown(
        `ufw has a rule of another kind: ${foreign}: delete it by hand, or set exact: false`,
      )
    const on = now.settings['ENABLED'] === 'yes' && now.settings['LOADED'] === 'yes'
    const policies = {
      incoming: KEPT[now.settings['DEFAULT_INPUT_POLICY'] ?? ''] ?? null,
      outgoing: KEPT[now.settings['DEFAULT_OUTPUT_POLICY'] ?? ''] ?? null,
    }
    const settings: Diff = [
      ...differences(policies, {
        incoming: want.incoming ?? 'deny',
        outgoing: want.outgoing ?? 'allow',
      }),
      ...differences({ enabled: on }, { enabled }),
    ]
    const unproven: Diff = now.proven ? [] : [{ key: 'login', before: 'unproven', after: 'proven' }]
    return change(
      [...diffRules(gone, made), ...settings, ...unproven],
      takeBackUnlessProven({ ...RULES, change: applyRules(gone, made, settings) }),
      { seconds: 200, provenByLogin: true },
    )
  },
})

/**
 * Works out which rules to delete and which to append to get the wanted order in each family: all
 * from the first that differs.
 */
const editRules = (
  now: readonly string[],
  wanted: readonly string[],
): { readonly gone: readonly string[]; readonly made: readonly string[] } => {
  const gone: string[] = []
  const made: string[] = []
  for (const six of [false, true]) {
    const [is, then] = [now, wanted].map(all => all.filter(tuple => isIpv6(tuple) === six)) as [
      string[],
      string[],
    ]
    const kept = is.filter(tuple => then.includes(tuple))
    const same = then.findIndex((tuple, i) => kept[i] !== tuple)
    const first = same < 0 ? then.length : same
    gone.push(...is.filter(tuple => !then.slice(0, first).includes(tuple)))
    made.push(...then.slice(first))
  }
  return { gone, made }
}

const isIpv6 = (tuple: string): boolean =>
  [3, 5].some(field => tuple.split(' ')[field]?.includes(':'))

const diffRules = (gone: readonly string[], made: readonly string[]): Diff => [
  ...gone
    .filter(tuple => !made.includes(tuple))
    .map(tuple => ({ key: 'rule', before: tuple, after: null })),
  ...made.map(tuple => ({
    key: 'rule',
    before: gone.includes(tuple) ? 'in another place' : null,
    after: tuple,
  })),
]

/** What ufw keeps of its rules, and the way back to it. */
const RULES = {
  name: 'ufw',
  save: sh`cp -p /etc/ufw/user.rules /etc/ufw/user6.rules /etc/ufw/ufw.conf "$w/" &&
  cp -p /etc/default/ufw "$w/default"`,
  undo: sh`for f in user.rules user6.rules ufw.conf; do cp -p "$w/$f" "/etc/ufw/$f"; done
cp -p "$w/default" /etc/default/ufw
if grep -q '^ENABLED=yes' "$w/ufw.conf"; then ufw --force enable && ufw reload
else ufw --force disable; fi`,
}

/** Sets the rules before the policies, so that ssh is allowed before anything is blocked. */
const applyRules = (gone: readonly string[], made: readonly string[], settings: Diff): Sh =>
  sh`run() { said=$(ufw "$@" 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }; }
${join([
  ...gone.map(tuple => sh`run ${formatDeletion(formatArguments(tuple) ?? [])}`),
  ...made.map(tuple => sh`run ${formatArguments(tuple) ?? []}`),
  ...settings.map(({ key, after }) =>
    key === 'enabled'
      ? sh`run --force ${after === 'true' ? 'enable' : 'disable'}`
      : sh`run default ${after ?? ''} ${key}`,
  ),
])}`

/** Turns a rule into its deletion: `route delete …`, but `delete allow …`. */
const formatDeletion = ([first = '', ...rest]: readonly string[]): readonly string[] =>
  first === 'route' ? [first, 'delete', ...rest] : ['delete', first, ...rest]

const findLockout = (
  { sshPorts, session }: Now,
  { rules, incoming = 'deny', enabled = true }: Ufw,
): Unknown | null => {
  if (!enabled || incoming === 'allow') return null
  const letIn = (port: string) => {
    const first = rules.find(
      ({ direction = 'in', proto = 'tcp', from, to, ...rule }) =>
        direction === 'in' &&
        proto === 'tcp' &&
        to === undefined &&
        includesPort(rule.port, Number(port)) &&
        (!from || !session || allowsAddress({ from: [from] }, session)),
    )
    return first?.rule === 'allow' || first?.rule === 'limit'
  }
  const shut = (sshPorts.length > 0 ? sshPorts : ['22']).find(port => !letIn(port))
  if (shut === undefined) return null
  const reason = session ? `this connection comes from ${session}` : 'no rule allows it'
  return new Unknown(`refused: sshd uses port ${shut}, and ${reason}: allow that first`)
}

const includesPort = (ports: number | string = 'any', port: number): boolean =>
  ports === 'any' ||
  String(ports)
    .split(',')
    .some(one => {
      const [first = 0, last = first] = one.split(':').map(Number)
      return first <= port && port <= last
    })
