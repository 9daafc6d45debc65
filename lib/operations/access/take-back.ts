import { type Sh, sh } from '../../sh.ts'

export type Provisional = {
  /** Names its files on the host: `[a-z-]`. */
  readonly name: string
  /** Keeps in the folder `$w` what `undo` needs. */
  readonly save: Sh
  readonly change: Sh
  /** Restores what `save` kept in `$w`: run by sh, perhaps by a timer, also without `change`. */
  readonly undo: Sh
  /** Seconds that a new login may take. Default 45. */
  readonly seconds?: number
}

/** Seconds after which a timer takes back what nobody proved. */
const TIMER_SECONDS = 100

/**
 * Makes a change, and keeps it only if this run can log in anew and become root, from outside. It
 * is taken back if it fails, if no such login comes, if it is ended, and by a timer of systemd if
 * its shell is killed. Without a runner that logs in (`anew`), it is kept if it succeeds.
 */
export const takeBackUnlessProven = ({
  name,
  save,
  change,
  undo,
  seconds = 45,
}: Provisional): Sh => sh`(
w=${locateUndo(name)} unit=brd-undo-${name}
forget() {
  rm -f "$w/undo"
  [ ! -d /run/systemd/system ] || {
    systemctl stop "$unit.timer"; systemctl reset-failed "$unit.timer" "$unit.service"
  } 2>/dev/null
  rm -rf "$w"
}
take_back() { [ ! -e "$w/undo" ] || { sh "$w/undo" >&2 </dev/null; forget; }; }
take_back # what an earlier run was ended in, before its proof
forget; mkdir -p "\${w%/*}" && mkdir -m 700 "$w" || exit 1
( ${save}
) || { rm -rf "$w"; exit 1; }
printf '%s\n' "w=$w" ${undo.text} >"$w/undo.new" && mv "$w/undo.new" "$w/undo" || exit 1
trap 'r=$?; trap - 0; take_back; exit $r' 0; trap 'exit 143' HUP INT TERM
[ ! -d /run/systemd/system ] || systemd-run --quiet --collect --unit="$unit" \
  --on-active=${TIMER_SECONDS} --timer-property=AccuracySec=1s \
  /bin/sh "$w/undo" </dev/null || exit 1
( ${change}
) || exit
${awaitLogin(seconds)}
await_login || { echo 'no new login succeeded with this change: it was taken back' >&2; exit 1; }
forget )`

/** Where a change waits that nobody has proven yet. */
export const locateUndo = (name: string): string => `/run/brd/undo/${name}`

/**
 * Prints `unproven` if a change of this name waits to be proven or taken back: what it made must
 * not be called ok.
 */
export const printUnproven = (name: string): Sh =>
  sh`[ ! -e ${locateUndo(name)}/undo ] || echo unproven`

/**
 * Defines `await_login`: it succeeds when this run has logged in anew since it began, and fails
 * after so many seconds. Without a runner that does (`anew`) it succeeds immediately.
 */
export const awaitLogin = (seconds: number): Sh => sh`await_login() {
  [ "\${anew:-}" = yes ] || return 0
  ask=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n') i=0
  rm -f "$d/answer"; echo "$ask" >"$d/ask.new" && mv "$d/ask.new" "$d/ask" || return
  until [ "$(cat "$d/answer" 2>/dev/null)" = "$ask" ]; do
    i=$((i + 1)); [ $i -le ${seconds * 4} ] || { rm -f "$d/ask"; return 1; }
    sleep 0.25
  done
  rm -f "$d/ask" "$d/answer"
}`
