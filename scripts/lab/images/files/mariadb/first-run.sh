# Read by the entry point: what happens once for a data folder, and at an upgrade.

quoted() { local text=${1//\\/\\\\}; printf "'%s'" "${text//\'/\\\'}"; }
password() { tr -dc 'A-Za-z0-9' < /dev/urandom | head -c 32 || :; }
client() { mariadb --no-defaults --socket="$socket" --user=root "$@"; }

first_run() {
  [[ -n $MARIADB_ROOT_PASSWORD$MARIADB_ROOT_PASSWORD_HASH$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD ]] ||
    die 'the data folder is empty: set MARIADB_ROOT_PASSWORD (or _FILE), MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD or MARIADB_RANDOM_ROOT_PASSWORD'
  [[ -z $MARIADB_USER || -n $MARIADB_PASSWORD$MARIADB_PASSWORD_HASH ]] || die 'MARIADB_USER is set and MARIADB_PASSWORD is not'
  say "making the database in $datadir"
  mariadb-install-db --datadir="$datadir" --auth-root-authentication-method=normal --skip-test-db --old-mode='UTF8_IS_UTF8MB3' --rpm \
    "${@:2}" --skip-log-bin >/dev/null
  begin "$@"
  [[ -n $MARIADB_INITDB_SKIP_TZINFO ]] || mariadb-tzinfo-to-sql --skip-write-binlog /usr/share/zoneinfo 2>/dev/null | client mysql
  if [[ -n $MARIADB_RANDOM_ROOT_PASSWORD ]]; then MARIADB_ROOT_PASSWORD=$(password); say "GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"; fi
  statements | client --database=mysql
  client() { MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --no-defaults --socket="$socket" --user=root "$@"; }
  [[ -z $MARIADB_ROOT_PASSWORD_HASH ]] || client() { mariadb --defaults-extra-file="$datadir/.my-healthcheck.cnf" --socket="$socket" "$@"; }
  files
  end
  say 'the database is made'
}

# How a user is identified: by a password, or by the hash of one.
by() { if [[ -n $2 ]]; then printf 'PASSWORD %s' "$(quoted "$2")"; else printf %s "$(quoted "$1")"; fi; }

statements() {
  local root host=$MARIADB_ROOT_HOST
  root=$(by "$MARIADB_ROOT_PASSWORD" "$MARIADB_ROOT_PASSWORD_HASH")
  echo 'SET @@SESSION.SQL_LOG_BIN = 0; SET @@SESSION.SQL_MODE = REPLACE(@@SESSION.SQL_MODE, "NO_BACKSLASH_ESCAPES", "");'
  echo "DROP USER IF EXISTS root@'127.0.0.1', root@'::1'; DELETE FROM mysql.global_priv WHERE User = 'root' AND Host NOT IN ('localhost'); DELETE FROM mysql.global_priv WHERE User = ''; DELETE FROM mysql.proxies_priv WHERE Host <> 'localhost'; FLUSH PRIVILEGES;"
  healthcheck_users
  if [[ -n $MARIADB_DATABASE ]]; then echo "CREATE DATABASE IF NOT EXISTS \`${MARIADB_DATABASE//\`/\`\`}\`;"; fi
  if [[ -n $MARIADB_USER ]]; then
    echo "CREATE USER $(quoted "$MARIADB_USER")@'%' IDENTIFIED BY $(by "$MARIADB_PASSWORD" "$MARIADB_PASSWORD_HASH");"
    if [[ -n $MARIADB_DATABASE ]]; then
      local pattern=${MARIADB_DATABASE//_/\\_}
      echo "GRANT ALL ON \`${pattern//\`/\`\`}\`.* TO $(quoted "$MARIADB_USER")@'%';"
    fi
  fi
  if [[ -n $MARIADB_REPLICATION_USER ]]; then
    echo "CREATE USER $(quoted "$MARIADB_REPLICATION_USER")@'%' IDENTIFIED BY $(quoted "$MARIADB_REPLICATION_PASSWORD"); GRANT REPLICATION REPLICA ON *.* TO $(quoted "$MARIADB_REPLICATION_USER")@'%';"
  fi
  if [[ ${host:=%} != localhost ]]; then echo "CREATE USER root@$(quoted "$host") IDENTIFIED BY $root; GRANT ALL ON *.* TO root@$(quoted "$host") WITH GRANT OPTION; GRANT PROXY ON ''@'%' TO root@$(quoted "$host") WITH GRANT OPTION;"; fi
  echo "ALTER USER root@localhost IDENTIFIED BY $root;"
}

# Who healthcheck.sh is; the password is new each time and lies where only the server can read it.
healthcheck_users() {
  local password host
  password=$(password)
  for host in 127.0.0.1 ::1 localhost; do
    echo "CREATE OR REPLACE USER healthcheck@'$host' IDENTIFIED BY '$password'; GRANT USAGE ON *.* TO healthcheck@'$host';"
  done
  (umask 077; printf '[mariadb-client]\nport=3306\nsocket=%s\nuser=healthcheck\npassword=%s\nprotocol=tcp\n' "$socket" "$password" > "$datadir/.my-healthcheck.cnf")
}

# As the official image runs what is mounted there.
files() {
  for path in /docker-entrypoint-initdb.d/*; do
    case $path in
      *.sh) say "running $path"; if [[ -x $path ]]; then "$path"; else source "$path"; fi ;;
      *.sql) say "running $path"; client ${MARIADB_DATABASE:+"--database=$MARIADB_DATABASE"} < "$path" ;;
      *.sql.gz) say "running $path"; gunzip --stdout "$path" | client ${MARIADB_DATABASE:+"--database=$MARIADB_DATABASE"} ;;
      *.sql.xz) say "running $path"; xz --decompress --stdout "$path" | client ${MARIADB_DATABASE:+"--database=$MARIADB_DATABASE"} ;;
      *.sql.zst) say "running $path"; zstd --decompress --stdout "$path" | client ${MARIADB_DATABASE:+"--database=$MARIADB_DATABASE"} ;;
      *) say "ignoring $path" ;;
    esac
  done
}

# True when the data were last upgraded by another server than this one.
older() { [[ $(cat "$datadir/mysql_upgrade_info" "$datadir/mariadb_upgrade_info" 2>/dev/null | grep -oE '^[0-9]+\.[0-9]+' | head -n 1) != $(mariadbd --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1) ]]; }

upgrade() {
  say 'upgrading what older servers, or a restored copy, left'
  begin "$@" --skip-grant-tables
  { echo 'SET @@SESSION.SQL_LOG_BIN = 0; FLUSH PRIVILEGES;'; [[ -f $datadir/.my-healthcheck.cnf ]] || healthcheck_users; } | client
  end
  begin "$@" --skip-grant-tables
  if older; then
    if [[ -z $MARIADB_DISABLE_UPGRADE_BACKUP ]]; then
      mariadb-dump --no-defaults --socket="$socket" --user=root --skip-lock-tables --databases mysql | zstd --quiet > "$datadir/system_mysql_backup_$(date -u +%Y%m%d%H%M%S).sql.zst"
    fi
    mariadb-upgrade --no-defaults --socket="$socket" --user=root --upgrade-system-tables --skip-write-binlog
  fi
  end
  say 'upgraded'
}
