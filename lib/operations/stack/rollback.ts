import { type Sh, sh } from '../../sh.ts'
import { namespace } from '../docker/api.ts'

/**
 * Takes a whole stack back after a deploy that failed: each service to the version before, those
 * that are new go. Docker takes back only the service that failed.
 * `$versions` holds the names of the services that were there before.
 */
export const rollback = (
  stack: string,
  seconds: number,
): Sh => sh`echo 'the whole stack goes back to the version before' >&2
for name in $(docker service ls --filter ${`label=${namespace}=${stack}`} --format '{{.Name}}'); do
  case "
\${versions:-}" in
    *"
$name "*) ;;
    *) docker service rm "$name" >/dev/null && echo "$name is new: removed" >&2; continue ;;
  esac
  case $(docker service inspect --format '{{with .UpdateStatus}}{{.State}}{{end}}' "$name") in rollback_started | rollback_completed) continue ;; esac
  docker service rollback --detach "$name" >/dev/null || echo "$name could not go back" >&2
done
tries=0
while docker service ls --quiet --filter ${`label=${namespace}=${stack}`} | xargs -r docker service inspect --format '{{with .UpdateStatus}}{{.State}}{{end}}' | grep -q -e updating -e rollback_started; do
  tries=$((tries + 1)); [ $tries -lt ${seconds} ] || { echo ${`it has not come back after ${seconds} s: look at it with docker stack ps ${stack}`} >&2; break; }
  sleep 1
done`
