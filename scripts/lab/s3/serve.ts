/** Where the container finds its buckets and the keys of each. */
export const FOLDER = '/lab/s3'

/**
 * A server for each bucket, with the keys that its file holds: they come by a file, so that neither
 * a command line nor the container's settings show them. Where the file
 * changes a new server takes over within a second or two, since it reads them once; the others go
 * on.
 */
export const serve = `trap 'exit 0' TERM
while read -r environment bucket port; do
  mkdir -p "/data/$environment/$bucket"
  while :; do
    keys=$(cat "${FOLDER}/$environment.keys")
    RCLONE_AUTH_KEY=$keys rclone serve s3 --addr ":$port" "/data/$environment" < /dev/null & \
server=$!
    while sleep 1; kill -0 $server 2>/dev/null && \
[ "$keys" = "$(cat "${FOLDER}/$environment.keys")" ]; do :; done
    kill $server 2>/dev/null; wait $server
  done &
done < ${FOLDER}/servers
wait`
