import { change, differences, operation, Unknown, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { awaitLogin } from './access/take-back.ts'
import { completeFile, diffFile, printFile, readFile, type WantedFile } from './file/content.ts'
import { putInPlace } from './file/put.ts'
import { file } from './file.ts'
import {
  type Allow,
  allowsAddress,
  checkRules,
  formatRules,
  type SshRules,
} from './firewall/rules.ts'
import { bootUnit, dockerUnit, firewallScript, RULES, SCRIPT } from './firewall/script.ts'
import { printSsh } from './firewall/ssh.ts'
import { service } from './service.ts'
import { systemd } from './systemd.ts'

export type Firewall = {
  /**
   * Connections to allow besides ssh, to the host and to ports that containers publish. All other
   * new connections are dropped, except ICMP and the loopback.
   */
  readonly allow: readonly Allow[]
  /** Always allowed. Default: port 22 from anywhere. */
  readonly ssh?: SshRules
}

type Want = WantedFile & { readonly ssh: SshRules }

/**
 * Defines `state TOOL`, which prints loaded, changed or absent; or unusable for IPv6 on a host
 * without it. The stamp is a hash of the rules as they were when they were proven.
 */
const state: Sh = sh`live() {
  "$1" -w 5 -S BRD-INPUT && "$1" -w 5 -S BRD-DOCKER &&
    "$1" -w 5 -C INPUT -j BRD-INPUT && "$1" -w 5 -C DOCKER-USER -j BRD-DOCKER
}
stamp() { echo "/var/lib/brd/stamps/firewall.$1"; }
state() {
  said=$("$1" -w 5 -S INPUT 2>&1) || {
    [ $1 = ip6tables ] && [ ! -e /proc/net/if_inet6 ] && echo "$1=unusable" && return
    echo "$said" >&2
    return 1
  }
  if ! "$1" -w 5 -S BRD-INPUT >/dev/null 2>&1; then echo "$1=absent"
  elif now=$(live "$1" 2>/dev/null) && [ -e "$(stamp $1)" ] &&
    [ "$(echo "$now" | sha256sum)" = "$(cat "$(stamp $1)")" ]; then echo "$1=loaded"
  else echo "$1=changed"; fi
}`

const loadedRules = operation('firewall', {
  want: ({ allow, ssh = {} }: Firewall): Want => {
    checkRules(allow, ssh)
    return { ...completeFile({ path: RULES, content: formatRules(allow, ssh), mode: '600' }), ssh }
  },
  name: ({ path }) => path,
  probe: want => sh`${state}
state iptables && state ip6tables || exit 1
${printSsh}
${printFile(want)}`,
  read: (out, want) => {
    const words = out.stdout
      .toString('latin1')
      .split('\n')
      .filter(line => /^[a-z0-9]+=/.test(line))
      .map(line => line.split('=') as [string, string])
    const now = readFile(out, words.length)
    if (now instanceof Unknown) return now
    const all = (key: string) => words.filter(([word]) => word === key).map(([, value]) => value)
    const [v4, v6, session] = [all('iptables')[0], all('ip6tables')[0], all('session')[0]]
    if (!v4 || !v6) return unreadable(out)
    const shut = all('port').filter(port => !(want.ssh.ports ?? [22]).includes(Number(port)))
    if (shut.length > 0)
      return new Unknown(
        `refused: sshd uses port ${[...new Set(shut)].join(', ')}, ` +
          'which these rules would close: add it to ssh.ports',
      )
    if (session && !allowsAddress(want.ssh, session))
      return new Unknown(
        `refused: this connection comes from ${session}, ` +
          'which ssh.from does not allow: add it there',
      )
    return { file: now, v4, v6 }
  },
  plan: (now, want) => {
    const file = diffFile(now.file, want)
    if (file instanceof Unknown) return file
    const live = differences(
      { iptables: now.v4, ip6tables: now.v6 },
      { iptables: 'loaded', ip6tables: now.v6 === 'unusable' ? undefined : 'loaded' },
    )
    return change([...file, ...live], applyRules(want), {
      stdin: want.content,
      seconds: 150,
      provenByLogin: true,
    })
  },
})

/**
 * Starts a timer that restores the old rules after a minute, loads the new ones, waits until this
 * run has logged in anew, from outside, saves them, and stops the timer. A host that crashes
 * meanwhile boots with the old rules.
 */
const applyRules = (want: Want): Sh => sh`${state}
( new=$(mktemp /run/brd-firewall.XXXXXX) || exit 1
trap 'rm -f "$new"' 0; trap 'exit 143' HUP INT TERM
cat >"$new"
[ "$(wc -c <"$new")" -eq ${want.bytes} ] || {
  echo 'the rules did not arrive whole; nothing was changed' >&2
  exit 1
}
end() {
  systemctl stop brd-firewall-undo.timer 2>/dev/null
  systemctl reset-failed brd-firewall-undo.timer brd-firewall-undo.service 2>/dev/null
}
undo() { echo "$1; the previous rules are back" >&2; ${SCRIPT} load; end; exit 1; }
${awaitLogin(35)}
end
systemd-run --quiet --collect --unit=brd-firewall-undo --on-active=60 \
  --timer-property=AccuracySec=1s ${SCRIPT} load || exit 1
${SCRIPT} load "$new" || undo 'the rules could not be loaded'
await_login || undo 'no new login reached this host with these rules'
mkdir -p /var/lib/brd/stamps && for t in iptables ip6tables; do
  now=$(live $t 2>/dev/null) && { echo "$now" | sha256sum >"$(stamp $t)"; } ||
    [ $t = ip6tables ] || undo 'the rules are not as they were loaded'
done
( umask 022; mkdir -p /etc/brd )
( ${putInPlace({ ...want, from: sh`cat "$new"` })} ) || undo 'the rules could not be saved'
end
: )`

/**
 * Only the allowed connections reach the host and the ports that its containers publish, also after
 * a boot and a restart of Docker. Chains of other programs are left alone. ssh is never cut off:
 * its ports and this connection are checked first, and rules with which this run cannot log in anew
 * are undone.
 */
export const firewall = operation('firewall', {
  from: (want: Firewall, meta) => {
    const loader = file({ path: SCRIPT, content: firewallScript, mode: '755' }, meta)
    const kept = loadedRules(want, meta)
    const boot = systemd.unit({ name: 'brd-firewall.service', content: bootUnit }, meta)
    const docker = systemd.unit({ name: 'brd-firewall-docker.service', content: dockerUnit }, meta)
    return [
      loader,
      kept,
      boot,
      docker,
      service({ name: 'brd-firewall', enabled: true }, meta),
      service({ name: 'brd-firewall-docker', enabled: true }, meta),
    ]
  },
})
