import { type Sh, sh } from '../../../sh.ts'
import { keepOutput } from '../../file/mark.ts'
import { appliedFile, daemonFile, type Json } from './state.ts'

export type Action = 'reload' | 'restart'

/** Formats settings as the text of daemon.json. */
export const formatSettings = (settings: Json): string => `${JSON.stringify(settings, null, 2)}\n`

/** Writes the file and makes dockerd use it, by a reload or a restart. */
export const applySettings = (want: Json, action: Action | null): Sh =>
  action === null
    ? writeFile(want)
    : sh`${writeFile(want)}
${action === 'restart' ? restart : reload}
${keep}`

/** Replaces the file. Docker 23 and later can validate it first. */
const writeFile = (
  want: Json,
): Sh => sh`mkdir -p -m 755 /etc/docker && rm -f ${daemonFile}.before &&
  { [ ! -e ${daemonFile} ] || cp -p ${daemonFile} ${daemonFile}.before; } || exit 1
printf '%s' ${formatSettings(want)} >${daemonFile}.new && chmod 644 ${daemonFile}.new || exit 1
if command -v dockerd >/dev/null && dockerd --help 2>/dev/null | grep -q -e --validate; then
  said=$(dockerd --validate --config-file ${daemonFile}.new 2>&1) || {
    echo "dockerd refuses these settings: $said" >&2
    rm -f ${daemonFile}.new ${daemonFile}.before
    exit 1
  }
fi
mv -f ${daemonFile}.new ${daemonFile} && trap 'rm -f ${daemonFile}.before' 0 || exit 1`

const answering = sh`answering() {
  i=0
  until timeout 5 docker info >/dev/null 2>&1; do
    i=$((i + 1)); [ $i -lt 60 ] || return 1; sleep 1
  done
}`

const restart = sh`${answering}
membership() { docker info --format '{{.Swarm.LocalNodeState}}'; }
member=$(membership)
systemctl reset-failed docker 2>/dev/null
if ! timeout 150 systemctl restart docker || ! answering; then
  journalctl --unit docker --no-pager --lines 8 --output cat >&2
  if [ -e ${daemonFile}.before ]; then
    mv -f ${daemonFile}.before ${daemonFile}
  else
    rm -f ${daemonFile}
  fi
  systemctl reset-failed docker 2>/dev/null; timeout 60 systemctl restart docker
  echo 'Docker does not start with these settings: the previous file is back' >&2; exit 1
fi
i=0
while [ "$member" = active ] && [ "$(membership)" != active ]; do
  i=$((i + 1)); [ $i -lt 60 ] || {
    echo 'the node has not rejoined its swarm after 60 s' >&2
    exit 1
  }
  sleep 1
done`

const reload = sh`${answering}
systemctl reload docker && sleep 1 && answering || {
  echo 'Docker could not be reloaded' >&2
  exit 1
}`

const keep = sh`{ ${keepOutput(appliedFile, sh`cat ${daemonFile}`)}; } || exit 1`
