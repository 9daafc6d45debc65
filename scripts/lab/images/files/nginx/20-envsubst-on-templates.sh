#!/bin/sh
# Templates become configuration; only variables that are set are replaced, so that nginx's own stay.
set -e
from=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates} suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template} to=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
[ -d "$from" ] || exit 0
names=$(awk -v filter="${NGINX_ENVSUBST_FILTER:-}" 'BEGIN { for (name in ENVIRON) if (name ~ filter) printf "${%s} ", name }' < /dev/null)
find "$from" -follow -type f -name "*$suffix" | while read -r path; do
  name=${path#"$from"/}
  mkdir -p "$to/$(dirname "$name")"
  envsubst "$names" < "$path" > "$to/${name%"$suffix"}"
done
