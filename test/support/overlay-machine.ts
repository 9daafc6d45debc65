import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { converge } from '../../lib/converge/converge.ts'
import type { ConvergeResult } from '../../lib/converge/options.ts'
import type { Operation } from '../../lib/operation.ts'
import type { Exit } from '../../lib/transport/connection.ts'
import { PATH, renderBootScript, Shell } from '../../lib/transport/root-shell.ts'
import { requirePrograms, skip } from '../../scripts/test/skip.ts'

/** A machine whose files are this one's until it writes to them. It goes with its shell. */
export type OverlayMachine = {
  /** Runs a list on it, or says what would change. */
  readonly converge: (ops: readonly Operation[], check?: boolean) => Promise<ConvergeResult>
  /** What a script prints that runs on it. It may fail. */
  readonly run: (script: string) => string
  readonly end: () => Promise<void>
}

// The upper layer is in memory, in a mount namespace that ends with its last process.
const enter = `set -e
top=$(mktemp -d); mount -t tmpfs none "$top"; cd "$top"
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
mount --rbind /dev root/dev; mount -t proc proc root/proc
cd root; rmdir "./$top" 2>/dev/null || :
chroot . sh -ec "$1" >&2; shift
exec chroot . "$@"`

/**
 * Starts a machine that is a layer over this one, after a script has prepared it. Skips if this
 * machine cannot make one.
 */
export const startOverlayMachine = (prepare: string): OverlayMachine => {
  requirePrograms('unshare', 'nsenter', 'dash')
  if (process.getuid?.() !== 0) skip('only root can make a machine of layers')
  const boot = renderBootScript(PATH)
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh', prepare, 'dash', '-c', boot],
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  )
  const shell = new Shell({
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exit: new Promise<Exit>(resolve =>
      child.on('close', (code, signal) => resolve({ code, signal })),
    ),
    close: () => void child.kill('SIGKILL'),
  })
  return {
    converge: (ops, check = false) =>
      converge(ops, { host: 'here', shell: async () => shell, check, allowDisruption: true }),
    run: script => runWithin(child, script),
    end: () => shell.end(),
  }
}

const runWithin = ({ pid }: ChildProcess, script: string): string =>
  execFileSync('nsenter', ['--target', String(pid), '--mount', '--root', 'sh', '-c', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()

/**
 * For `prepare`: apt knows one repository only, in /srv/repository. `deb NAME VERSION [FIELDS]
 * [ARCHITECTURE]` puts a package into it, `publish` writes its index.
 */
export const aptMachine = `mkdir -p /srv/repository /var/lib/brd/stamps; cd /srv/repository
rm -rf /etc/apt/sources.list.d /etc/apt/sources.list /etc/apt/preferences.d /var/lib/apt/lists
rm -f /var/lib/brd/stamps/apt-lists
mkdir -p /etc/apt/sources.list.d /etc/apt/preferences.d /var/lib/apt/lists/partial
chmod 755 . /etc/apt/sources.list.d /etc/apt/preferences.d /var/lib/apt/lists
deb() {
  mkdir -p b/DEBIAN
  printf 'Maintainer: t\\nDescription: t\\nPackage: %s\\nVersion: %s\\nArchitecture: %s\\n%s' \\
    "$1" "$2" "\${4:-all}" "\${3:+$3
}" >b/DEBIAN/control
  chmod -R u=rwX,go=rX b; dpkg-deb --build b "$1_$2_\${4:-all}.deb" >/dev/null; rm -r b
}
publish() {
  for f in *.deb; do
    dpkg-deb -f "$f"; echo "Filename: ./$f"; echo "Size: $(stat -c %s "$f")"
    echo "SHA256: $(sha256sum "$f" | cut -c 1-64)"; echo
  done >Packages
  chmod 644 ./*
}
add_source() { echo 'deb [trusted=yes] file:/srv/repository ./' >/etc/apt/sources.list.d/own.list; }
`
