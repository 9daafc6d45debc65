import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sh } from '../../lib/sh.ts'
import { type DockerShim, makeDockerShim } from './docker-shim.ts'

/**
 * A swarm that keeps its services as files: specification, the one before, version, state. It
 * answers what the scripts of a stack ask of docker and of its API. `$DEPLOY` is what a deploy
 * does; `$MAIN` is the shell that runs the script.
 */
const program = `S=$HERE/services
change() {
  [ ! -e "$S/$1/spec" ] || cp "$S/$1/spec" "$S/$1/previous"
  mkdir -p "$S/$1"; printf '%s' "$2" >"$S/$1/spec"
  echo $(($(cat "$S/$1/version" 2>/dev/null || echo 0) + 1)) >"$S/$1/version"
}
state() { cat "$S/$1/state" 2>/dev/null || echo "$2"; }
case "$1 $2" in
  'service ls') for name in $(ls "$S"); do
    case $* in
      *Replicas*) echo "R replicated $name $(state "$name" 1/1)" ;;
      *) echo "$name" ;;
    esac
  done ;;
  'service inspect') shift 2; [ "$1" != --format ] || { format=$2; shift 2; }
    for name; do
      [ -e "$S/$name/spec" ] || { echo "Error: no such service: $name" >&2; exit 1; }
      case $format in
        '{{json .Spec}}') cat "$S/$name/spec"; echo ;;
        '{{json .PreviousSpec}}') cat "$S/$name/previous" 2>/dev/null || printf null; echo ;;
        '{{json .Version.Index}}') cat "$S/$name/version" ;;
        '{{.Spec.Name}} {{json .Spec}}') echo "$name $(cat "$S/$name/spec")" ;;
        *Version.Index*) echo "$name $(cat "$S/$name/version")" ;;
        *ContainerSpec.Image*) echo "$name image@sha256:1" ;;
        S*) echo "S $name $(cat "$S/$name/update" 2>/dev/null || echo completed)" ;;
      esac
    done ;;
  'service ps') case $* in *Error*) ;; *) exit 0 ;; esac
    for name in $(ls "$S"); do
      [ "$(state "$name" 1/1)" = 0/0 ] || echo "T t-$name $name.1 Running Running 3 s ago |"
    done ;;
  'service rm') rm -r "$S/$3" ;;
  'service rollback') spec=$(cat "$S/$4/previous"); rm -f "$S/$4/update"; change "$4" "$spec" ;;
  'stack deploy') case $* in *--help*) echo --detach; exit ;; esac
    cat >/dev/null; eval "$DEPLOY" ;;
  'stack ps') echo "nothing found in stack: s" >&2; exit 1 ;;
esac`

const curl = `#!/bin/sh
PATH=$PATH:/bin; S=$(dirname "$0")/services
for word; do url=$word; done
spec=$(cat)
case $url in
  *create) name=$(printf '%s' "$spec" | sed 's/.*"Name":"\\([^"]*\\)".*/\\1/') ;;
  *) name=\${url#*services/}; name=\${name%%/update*}
    [ "\${url##*=}" = "$(cat "$S/$name/version")" ] || { printf 400; exit; } ;;
esac
mkdir -p "$S/$name"; printf '%s' "$spec" >"$S/$name/spec"; rm -f "$S/$name/update"
echo 1 >>"$S/$name/version"; printf 200`

export type SwarmShim = DockerShim & {
  /** Makes a service of this specification. */
  readonly add: (name: string, more?: object) => void
  /** The specifications, by name. */
  readonly read: () => Record<string, string>
  /** A file that the scripts keep below /var/lib/brd/stacks; null if it does not exist. */
  readonly kept: (name: string) => string | null
  readonly keep: (name: string, text: string) => void
  /** Runs a script in a shell of this name; a second of its clock takes no time. */
  readonly run: (
    shell: string,
    script: Sh,
    deploy?: string,
  ) => { readonly status: number | null; readonly stderr: string }
}

/** A specification as Docker prints it. */
export const makeSpec = (name: string, more: object = {}): string =>
  JSON.stringify({ Name: name, ...more })

/** Makes an empty swarm. */
export const makeSwarmShim = (): SwarmShim => {
  const shim = makeDockerShim(program)
  const [services, stacks] = [join(shim.folder, 'services'), join(shim.folder, 'brd/stacks')]
  mkdirSync(services)
  mkdirSync(stacks, { recursive: true })
  writeFileSync(join(shim.folder, 'curl'), curl, { mode: 0o755 })
  const clock = join(shim.folder, 'uptime')
  writeFileSync(clock, '0.0 0\n')
  return {
    ...shim,
    add: (name, more = {}) => {
      mkdirSync(join(services, name))
      writeFileSync(join(services, name, 'spec'), makeSpec(name, more))
      writeFileSync(join(services, name, 'version'), '7\n')
    },
    read: () =>
      Object.fromEntries(
        readdirSync(services).map(name => [
          name,
          readFileSync(join(services, name, 'spec'), 'utf8'),
        ]),
      ),
    kept: name =>
      existsSync(join(stacks, name)) ? readFileSync(join(stacks, name), 'utf8') : null,
    keep: (name, text) => writeFileSync(join(stacks, name), text),
    run: (shell, script, deploy = ':') => {
      const [command = '', ...words] = shell.split(' ')
      const text = script.text
        .replaceAll('/var/lib/brd', join(shim.folder, 'brd'))
        .replaceAll('/proc/uptime', clock)
        .replaceAll('sleep 1', 'tick')
      const tick = `tick() { read -r at _ <${clock}; echo "$((\${at%%.*} + 1)).0 0" >${clock}; }`
      const { status, stderr } = spawnSync(
        command,
        [...words, '-c', `export MAIN=$$\n${tick}\n${text}`],
        {
          encoding: 'utf8',
          input: 'services: {}\n',
          env: { PATH: `${shim.folder}:${process.env['PATH']}`, DEPLOY: deploy },
        },
      )
      return { status, stderr }
    },
  }
}
