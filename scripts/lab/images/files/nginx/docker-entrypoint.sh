#!/bin/sh
# As in the official image: what is in /docker-entrypoint.d runs before nginx, in the order of its names.
set -e
if [ "${1:-}" = nginx ] || [ "${1:-}" = nginx-debug ]; then
  for path in $(find /docker-entrypoint.d -follow -type f | sort -V); do
    case $path in
      *.envsh) if [ -x "$path" ]; then . "$path"; else echo "$0: ignoring $path, which is not executable"; fi ;;
      *.sh) if [ -x "$path" ]; then "$path"; else echo "$0: ignoring $path, which is not executable"; fi ;;
    esac
  done
fi
exec "$@"
