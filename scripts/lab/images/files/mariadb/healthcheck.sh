#!/bin/bash
# healthcheck.sh [--connect] [--innodb_initialized] [--innodb_buffer_pool_loaded] …: exit 0 when every one of them holds.
set -u
datadir=$(mariadbd --verbose --help 2>/dev/null | awk '/^datadir / { print $2 }')
file=${MARIADB_HEALTHCHECK_CNF:-${datadir%/}/.my-healthcheck.cnf}
if [ -r "$file" ]; then client=(mariadb "--defaults-extra-file=$file" --batch --skip-column-names --connect-timeout=5)
else client=(mariadb --protocol=tcp --batch --skip-column-names --connect-timeout=5); fi
ask() { "${client[@]}" --execute "$1" 2>&1; }

# A server that knows a client well enough to refuse it takes connections.
connect() {
  local said
  said=$(ask 'SELECT @@skip_networking') && { [ "$said" = 0 ]; return; }
  case $said in *'ERROR 1045'* | *'ERROR 1698'* | *'ERROR 1820'* | *'ERROR 1862'* | *'ERROR 4151'*) return 0 ;; esac
  return 1
}
innodb_initialized() { [ "$(ask "SELECT 1 FROM information_schema.ENGINES WHERE engine = 'innodb' AND support IN ('YES', 'DEFAULT', 'ENABLED')")" = 1 ]; }
innodb_buffer_pool_loaded() { case $(ask "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Innodb_buffer_pool_load_status'") in *complete* | *'not started'* | *disabled*) true ;; *) false ;; esac; }

[ $# -gt 0 ] || { echo 'healthcheck.sh: name at least one check, such as --connect' >&2; exit 1; }
for word in "$@"; do
  case $word in
    --connect | --innodb_initialized | --innodb_buffer_pool_loaded) "${word#--}" || { echo "${word#--} is not so"; exit 1; } ;;
    --su-mysql | --no-connect) ;;
    *) echo "healthcheck.sh: $word is not known here" >&2; exit 1 ;;
  esac
done
