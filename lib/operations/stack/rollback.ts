import { type Sh, sh } from '../../sh.ts'
import { stackLabel } from '../docker/api.ts'

/**
 * Rolls a whole stack back after a failed deploy: each service to its previous version; new ones
 * are removed. Docker would roll back only the failed service. `$versions` contains the names of
 * the previous services.
 */
export const rollBack = (
  stack: string,
  seconds: number,
): Sh => sh`state='{{with .UpdateStatus}}{{.State}}{{end}}'
echo 'rolling the whole stack back to the previous version' >&2
for name in $(docker service ls --filter ${`label=${stackLabel}=${stack}`} --format '{{.Name}}'); do
  case "
\${versions:-}" in
    *"
$name "*) ;;
    *) docker service rm "$name" >/dev/null && echo "$name is new: removed" >&2; continue ;;
  esac
  case $(docker service inspect --format "$state" "$name") in
    rollback_started | rollback_completed) continue ;;
  esac
  docker service rollback --detach "$name" >/dev/null || echo "$name could not be rolled back" >&2
done
tries=0
while docker service ls --quiet --filter ${`label=${stackLabel}=${stack}`} |
  xargs -r docker service inspect --format "$state" |
  grep -q -e updating -e rollback_started; do
  tries=$((tries + 1)); [ $tries -lt ${seconds} ] || {
    echo ${`the rollback is not complete after ${seconds} s: see docker stack ps ${stack}`} >&2
    break
  }
  sleep 1
done`
