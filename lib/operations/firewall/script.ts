/** The file of the proven rules, which are loaded at boot and whenever Docker starts. */
export const RULES = '/etc/brd/firewall.rules'
export const SCRIPT = '/usr/local/sbin/brd-firewall'

/**
 * Loads the rules of both families, each in one transaction that touches no other chain. `load`
 * loads the saved rules, or unloads all if no rules are saved, which undoes a first change that
 * failed its proof. `load FILE` loads others, `unload` removes them.
 */
export const firewallScript = `#!/bin/sh
# The host's firewall, in separate chains. Managed by a playbook: do not edit by hand.
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
usable() { command -v "$1" >/dev/null && "$1" -w 10 -S INPUT >/dev/null 2>&1; }
jump() { "$1" -w 10 -C "$2" -j "$3" 2>/dev/null || echo "-I $2 1 -j $3"; }
load() { # iptables family rules
  { echo '*filter'; echo ':BRD-INPUT - [0:0]'; echo ':BRD-DOCKER - [0:0]'
    "$1" -w 10 -S DOCKER-USER >/dev/null 2>&1 || echo ':DOCKER-USER - [0:0]'
    sed -n "s/^$2 //p" "$3"; jump "$1" INPUT BRD-INPUT; jump "$1" DOCKER-USER BRD-DOCKER
    echo COMMIT; } | "$1-restore" -w 10 --noflush
}
unload() {
  "$1" -w 10 -D INPUT -j BRD-INPUT; "$1" -w 10 -D DOCKER-USER -j BRD-DOCKER
  for c in BRD-INPUT BRD-DOCKER; do "$1" -w 10 -F $c; "$1" -w 10 -X $c; done
} 2>/dev/null
rules=\${2:-${RULES}}
r=0
for f in 4 6; do
  t=iptables; [ $f = 4 ] || t=ip6tables
  usable $t || { [ $f = 6 ] && continue; echo 'iptables does not work on this host' >&2; exit 1; }
  if [ "$1" = load ] && [ -e "$rules" ]; then load $t $f "$rules" || r=1; else unload $t || :; fi
done
exit $r
`

/** Loads the rules before the network is up. */
export const bootUnit = `[Unit]
Description=The host's own firewall rules
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${SCRIPT} load

[Install]
WantedBy=multi-user.target
`

/** Loads them again after each start of Docker, which recreates DOCKER-USER if it was lost. */
export const dockerUnit = `[Unit]
Description=The host's own firewall rules, after Docker's
After=docker.service

[Service]
Type=oneshot
ExecStart=${SCRIPT} load

[Install]
WantedBy=docker.service
`
