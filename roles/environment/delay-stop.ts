/**
 * Starts a server and passes the stop signal on 10 s late: so long may a router not know yet that
 * the task goes, and what it sends is still served.
 * Usage: linger SIGNAL COMMAND… (SIGNAL is the server's graceful one.)
 */
export const delayStop = `#!/bin/sh
signal=$1
shift
"$@" &
child=$!
stopping=
stop() {
  [ -z "$stopping" ] || return
  stopping=yes
  ( sleep 10; kill -s "$signal" "$child" ) &
}
trap stop TERM INT QUIT
while :; do
  wait "$child"
  code=$?
  # A wait that a signal has ended says nothing of the child.
  kill -0 "$child" 2>/dev/null || exit "$code"
done
`
