import { type Sh, sh } from '../../sh.ts'
import { findConnection, setConnection, setLoginUser } from '../access/login.ts'
import { takeBackUnlessProven } from '../access/take-back.ts'
import type { WantedFile } from '../file/content.ts'
import { putInPlace } from '../file/put.ts'

/** Sets `$options` to those that the running sshd was started with: they override its files. */
export const setDaemonOptions: Sh = sh`options=$(ps -A -o args= 2>/dev/null |
  sed -n 's/^sshd: \(.*\) \[listener\].*/\1/p' | grep -v -e ' -f' |
  grep -o -e ' -o *[A-Za-z]*=[^ ]*' | tr '\n' ' ')`

/** Reloads an sshd that runs as a service; others read their files at each connection or start. */
const reload: Sh = sh`[ ! -d /run/systemd/system ] || ! systemctl is-active --quiet ssh.service ||
  systemctl reload ssh.service`

/**
 * Writes the settings from stdin, after the user has logged in with a key to a second sshd that
 * runs with them, and reloads sshd. Taken back unless this run then logs in anew.
 */
export const proveLogin = (want: WantedFile & { login: string }): Sh =>
  takeBackUnlessProven({
    name: 'sshd',
    save: sh`[ ! -e ${want.path} ] || cp -p ${want.path} "$w/settings"`,
    change: sh`${tryLogin(want)}
( ${putInPlace({ ...want, from: sh`printf %s "\${c%.}"` })} ) || exit 1
${reload}`,
    undo: sh`if [ -e "$w/settings" ]; then
  cp -p "$w/settings" ${`${want.path}.brd`} && mv -f ${`${want.path}.brd`} ${want.path}
else rm -f ${want.path}; fi
${reload}`,
  })

const tryLogin = (want: WantedFile & { login: string }): Sh => sh`c=$(cat; echo .)
[ \${#c} -eq ${want.bytes + 1} ] || {
  echo 'the settings did not arrive whole; nothing was changed' >&2
  exit 1
}
${setLoginUser(want.login)}
( w=$(mktemp -d /run/brd-sshd.XXXXXX) && chmod 755 "$w" || exit 1
pid=
trap '[ -z "$pid" ] || kill $pid; rm -rf "$w"' 0; trap 'exit 143' HUP INT TERM
refuse() { echo "$1: nothing was changed" >&2; exit 1; }
printf %s "\${c%.}" >"$w/new"
${writeCandidate(want.path)}
${hasKey}
${secondLogin}
) || exit 1`

/**
 * Logs the user in to a second sshd with the new settings, on the loopback, with a key that is made
 * for this login only.
 */
const secondLogin: Sh = sh`port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 20000))
ssh-keygen -q -t ed25519 -N '' -f "$w/key" && cp "$w/key.pub" "$w/allowed" &&
  chmod 644 "$w/allowed" || exit 1
for k in /etc/ssh/ssh_host_*_key.pub; do
  echo "[127.0.0.1]:$port $(cut -d ' ' -f 1,2 "$k")"
done >"$w/known"
/usr/sbin/sshd -D -e -f "$w/config" -p $port -o ListenAddress=127.0.0.1 -o PidFile=none \
  -o AuthorizedKeysFile="$w/allowed" >"$w/log" 2>&1 &
pid=$!
i=0
login() {
  timeout 20 ssh -F none -i "$w/key" -p $port -o IdentitiesOnly=yes -o IdentityAgent=none \
    -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$w/known" \
    -o PreferredAuthentications=publickey -o ConnectTimeout=5 "$user@127.0.0.1" true
}
until login >"$w/said" 2>&1 </dev/null; do
  i=$((i + 1)); [ $i -lt 5 ] && kill -0 $pid || {
    tail -n 3 "$w/log" "$w/said" >&2
    refuse "with these settings $user could not log in with a key"
  }
  sleep 1
done`

/** Rules that a login from the loopback would not meet as one from outside does. */
const BY_ADDRESS =
  '^[[:space:]]*((allow|deny)(users|groups)[[:space:]].*@|match[[:space:]].*(address|host|localport))'

/**
 * Ends with an error if sshd does not accept its files as they are, or if the user of this run
 * could not log in with a key to a second sshd that reads them. That is not tried if rules tell
 * addresses apart.
 */
export const tryFiles: Sh = sh`! command -v sshd >/dev/null || {
  refuse() { echo "$1: sshd goes on with its files as they were" >&2; exit 1; }
  said=$(sshd -t 2>&1) || refuse "sshd does not accept its files: $said"
  ${findConnection}
  [ -z "$c" ] || ! command -v ssh-keygen >/dev/null || ! command -v ssh >/dev/null ||
    grep -Eisq ${BY_ADDRESS} /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf || {
    ${setLoginUser()}
    ( w=$(mktemp -d /run/brd-sshd.XXXXXX) && chmod 755 "$w" || exit 1
    pid=
    trap '[ -z "$pid" ] || kill $pid; rm -rf "$w"' 0; trap 'exit 143' HUP INT TERM
    cp /etc/ssh/sshd_config "$w/config" || exit 1
    ${secondLogin}
    ) || exit 1
  }
}`

/** Writes the configuration that sshd would read with the new file in the place of the old one. */
const writeCandidate = (path: string): Sh => sh`others=$(for f in /etc/ssh/sshd_config.d/*.conf; do
  [ "$f" = ${path} ] || [ ! -e "$f" ] || echo "Include $f"
done)
NEW="Include $w/new" OTHERS=$others awk '
  tolower($0) ~ /^[ \t]*include[ \t]+(\/etc\/ssh\/)?sshd_config\.d\/\*\.conf/ {
    print ENVIRON["NEW"]; print ENVIRON["OTHERS"]; found = 1; next
  }
  {print}
  END {exit !found}' /etc/ssh/sshd_config >"$w/config" ||
  refuse '/etc/ssh/sshd_config has no line "Include /etc/ssh/sshd_config.d/*.conf"'
sshd -t -f "$w/config" || refuse 'sshd does not accept the settings'`

/** Checks that the new settings find a key of the user, in a file or through a command. */
const hasKey: Sh = sh`home=$(getent passwd "$user" | cut -d : -f 6) && [ -n "$home" ] ||
  refuse "there is no user $user"
${setConnection}
all=$(sshd -T -f "$w/config" -C user="$user","$of") ||
  refuse 'sshd does not accept the settings'
ask=$(printf '%s\n' "$all" | awk '$1 == "authorizedkeyscommand" {print $2}')
files=$(printf '%s\n' "$all" | awk '$1 == "authorizedkeysfile" {$1 = ""; print}' |
  sed "s|%h|$home|g; s|%u|$user|g")
[ "\${ask:-none}" != none ] || for f in $files; do
  case $f in /*) ;; *) f=$home/$f;; esac
  grep -q '^[^#]*AAAA' "$f" 2>/dev/null && ask=file
done
[ "\${ask:-none}" != none ] || refuse "$user has no authorized key, and could not log in again"`
