#!/bin/bash
# Makes the server what MARIADB_* says on an empty data folder, upgrades one that is older where it may, then is the server.
set -euo pipefail
shopt -s nullglob

say() { echo "$(date -u +%FT%TZ) entrypoint: $*"; }
die() { say "$*" >&2; exit 1; }

# NAME is the value of NAME, of the file NAME_FILE, or of the same of MYSQL_…; empty where none is set.
setting() {
  local name=$1 old=MYSQL_${1#MARIADB_} found=''
  for one in "$name" "$old"; do
    local file=${one}_FILE
    [[ -z ${!one-} || -z ${!file-} ]] || die "both $one and $file are set"
    if [[ -n ${!file-} ]]; then
      [[ -r ${!file} ]] || die "$file names ${!file}, which cannot be read"
      found=${found:-$(<"${!file}")}
    fi
    found=${found:-${!one-}}
    unset "$file"
  done
  printf -v "$name" %s "$found"
}

[[ ${1-mariadbd} != -* ]] || set -- mariadbd "$@"
[[ ${1-} != mysqld ]] || set -- mariadbd "${@:2}"
[[ ${1-} == mariadbd ]] || exec "$@"
# What only prints needs no data.
for word in "$@"; do case $word in --help | -\? | --version | -V | --print-defaults) exec "$@" ;; esac; done

# Asked twice when it refuses, so that it says why.
told=$("$@" --verbose --help 2>/dev/null) || { "$@" --verbose --help >/dev/null; exit 1; }
datadir=$(awk '/^datadir / { print $2 }' <<<"$told")
socket=$(awk '/^socket / { print $2 }' <<<"$told")
[[ $datadir == /?* && $socket == /?*/?* ]] || die 'the server does not say where its data folder and its socket are'
if [[ $(id -u) == 0 ]]; then
  mkdir -p "$datadir"
  find "$datadir" "$(dirname "$socket")" \! -user mysql -exec chown mysql: {} +
  exec setpriv --reuid mysql --regid mysql --init-groups "$BASH_SOURCE" "$@"
fi

for name in ROOT_PASSWORD ROOT_PASSWORD_HASH ROOT_HOST DATABASE USER PASSWORD PASSWORD_HASH REPLICATION_USER REPLICATION_PASSWORD \
  ALLOW_EMPTY_ROOT_PASSWORD RANDOM_ROOT_PASSWORD INITDB_SKIP_TZINFO AUTO_UPGRADE DISABLE_UPGRADE_BACKUP; do setting "MARIADB_$name"; done

# A server for this script alone: no network.
server=''
begin() {
  "$@" --skip-networking --skip-slave-start --wsrep-on=OFF --expire-logs-days=0 --loose-innodb-buffer-pool-load-at-startup=0 &
  server=$!
  for _ in {1..120}; do
    ! mariadb-admin --no-defaults --socket="$socket" --user=root ping >/dev/null 2>&1 || return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.5
  done
  die 'the server did not start'
}
end() { kill "$server"; wait "$server"; }

source /usr/local/bin/first-run.sh
if [[ ! -d $datadir/mysql ]]; then
  first_run "$@"
elif [[ -n $MARIADB_AUTO_UPGRADE ]] && { [[ ! -f $datadir/.my-healthcheck.cnf ]] || older; }; then
  upgrade "$@"
fi
for name in "${!MARIADB_@}" "${!MYSQL_@}"; do unset "$name"; done
exec "$@"
