#!/bin/sh
# As in the official image: flags and configurations are the server's; the server runs as redis and answers the network.
set -e
case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "${1:-}" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis {} +
    exec setpriv --reuid redis --regid redis --init-groups "$0" "$@"
  fi
  # The official server is built without protected mode; Debian's has it unless told otherwise.
  case "$*" in *protected-mode*) ;; *) if [ ! -f "${2:-}" ] || ! grep -qs '^protected-mode' "$2"; then set -- "$@" --protected-mode no; fi ;; esac
  [ "$(umask)" != 0022 ] || umask 0077
fi
exec "$@"
