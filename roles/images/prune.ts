/**
 * The program that removes old releases: `prune-images KEEP REPOSITORY …`. Whatever cannot be read
 * ends it before anything is removed: an image that might be in use is
 * never taken for one that is not.
 */
export const prune = String.raw`#!/bin/sh
# Keeps the newest $1 images of each repository named after it, and those in use: by a container,
# running or not, or by a service, in this version or the one before it. Removes the others of these
# repositories, and images without any name that are a day old.
keep=$1; shift
LC_ALL=C; export LC_ALL

# A container may go between the two questions: then both are asked again.
tries=0
until ids=$(docker ps --all --quiet --no-trunc) &&
  used=$([ -z "$ids" ] || docker container inspect --format '{{.Image}}' $ids); do
  tries=$((tries + 1)); [ $tries -lt 5 ] || exit 1
  sleep 1
done

# Only a manager knows the services. The image of a service may be on other nodes only.
manager=$(docker info --format '{{.Swarm.ControlAvailable}}') || exit 1
if [ "$manager" = true ]; then
  image=.TaskTemplate.ContainerSpec.Image
  names= services=$(docker service ls --quiet) || exit 1
  format="{{.Spec$image}}{{with .PreviousSpec}} {{$image}}{{end}}"
  [ -z "$services" ] || names=$(docker service inspect --format "$format" $services) || exit 1
  for name in $names; do
    if said=$(docker image inspect --format '{{.Id}}' "$name" 2>&1); then used="$used
$said"
    else case $said in *[Nn]'o such image'*) ;; *) printf '%s\n' "$said" >&2; exit 1 ;; esac; fi
  done
fi

code=0
for repository; do
  ids=$(docker image ls --quiet --no-trunc "$repository") || exit 1
  [ -n "$ids" ] || continue
  newest=$(docker image inspect --format '{{.Created}} {{.Id}}' $ids) || exit 1
  count=0
  for id in $(printf '%s\n' "$newest" | sort -r -u | awk '{ print $NF }'); do
    count=$((count + 1))
    [ $count -gt $keep ] || continue
    case $used in *"$id"*) continue ;; esac
    format='{{range .RepoTags}}{{println .}}{{end}}{{range .RepoDigests}}{{println .}}{{end}}'
    names=$(docker image inspect --format "$format" "$id") || continue
    for name in $names; do
      case $name in "$repository":* | "$repository"@*) ;; *) continue ;; esac
      # With the last tag its digests go too.
      docker image inspect "$name" >/dev/null 2>&1 || continue
      docker image rm "$name" >/dev/null && echo "removed $name" || code=1
    done
  done
done

# docker image prune would also remove images that were pulled by their digest alone, as a swarm
# does: they have no tag. What was made in the last day may be a step of a build that is under way.
day=$(date -u -d "@$(($(date +%s) - 86400))" +%Y-%m-%dT%H:%M:%S) || exit 1
for id in $(docker image ls --quiet --no-trunc --filter dangling=true); do
  case $used in *"$id"*) continue ;; esac
  names=$(docker image inspect --format '{{len .RepoTags}} {{len .RepoDigests}}' "$id") || continue
  [ "$names" = '0 0' ] || continue
  made=$(docker image inspect --format '{{.Created}}' "$id") || continue
  awk -v made="$made" -v day="$day" 'BEGIN { exit !(made "" < day "") }' || continue
  docker image rm "$id" >/dev/null && echo "removed $id" || code=1
done
exit $code
`
