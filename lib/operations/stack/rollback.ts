import { type Sh, sh } from '../../sh.ts'
import { socket, stackLabel } from '../docker/api.ts'
import { locateBefore } from './record.ts'
import { rememberTasks, watchStack } from './watch.ts'

/**
 * Makes a whole stack again what it was before a deploy that failed or was broken off: services
 * that are new are removed, changed ones go back, removed ones are created again. Docker would
 * roll back only the service that failed, and knows only the version before. What was before is
 * forgotten once it runs again.
 */
export const rollBack = (stack: string, seconds: number): Sh => {
  const record = locateBefore(stack)
  return sh`echo 'rolling the whole stack back to the previous version' >&2
names=$(cut -d ' ' -f 1 ${record}) || exit
${rememberTasks(stack)}
send() {
  code=$(curl --silent --show-error --max-time 60 --unix-socket ${socket} --output /dev/null \
    --header 'Content-Type: application/json' --data-binary @- --write-out '%{http_code}' \
    "http://docker$1") && case $code in 20*) ;; *) echo "Docker says HTTP $code" >&2; false ;; esac
}
has() { printf '%s\n' "$1" | grep -q -x -F -e "$2"; }
is() { docker service inspect --format "{{json .$2}}" "$1" </dev/null; }
there=$(docker service ls --filter ${`label=${stackLabel}=${stack}`} --format '{{.Name}}')
back=yes
lacks() { echo "$1 $2" >&2; back=no; }
for name in $there; do
  has "$names" "$name" && continue
  docker service rm "$name" >/dev/null && echo "$name is new: removed" >&2 ||
    lacks "$name" 'is new, and could not be removed'
done
while read -r name spec; do
  if ! has "$there" "$name"; then
    printf '%s' "$spec" | send /services/create && echo "$name was removed: created again" >&2 ||
      lacks "$name" 'could not be created again'
  elif [ "$(is "$name" Spec)" = "$spec" ]; then :
  elif [ "$(is "$name" PreviousSpec)" = "$spec" ]; then
    docker service rollback --detach "$name" >/dev/null </dev/null ||
      lacks "$name" 'could not be rolled back'
  else
    version=$(is "$name" Version.Index) && printf '%s' "$spec" |
      send "/services/$name/update?version=$version" || lacks "$name" 'could not be set back'
  fi
done <${record}
if ( ${watchStack({ stack, seconds, holds: 0, deployed: false })} ) && [ $back = yes ]; then
  rm -f ${record}; echo 'the previous version runs again' >&2
else
  echo ${`the rollback is not complete: see docker stack ps ${stack}; the next run goes on`} >&2
fi`
}
