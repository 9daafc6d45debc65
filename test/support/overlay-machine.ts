import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
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
const layer = `set -e
mount -t tmpfs none /mnt; cd /mnt; mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
mount --rbind /dev root/dev; mount -t proc proc root/proc
cd root`
const enter = `${layer}
chroot . sh -ec "$1" >&2; shift
exec chroot . "$@"`

/** Skips if this machine cannot mount a layer over its own files. */
const requireLayers = (): void => {
  requirePrograms('unshare', 'nsenter', 'dash')
  try {
    execFileSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', layer], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    })
  } catch (error) {
    skip(`nothing can be mounted here: ${(error as { stderr?: string }).stderr ?? error}`)
  }
}

/**
 * Starts a machine that is a layer over this one, after a script has prepared it. Skips if this
 * machine cannot make one.
 */
export const startOverlayMachine = (prepare: string): OverlayMachine => {
  requireLayers()
  const child = spawn(
    'unshare',
    [
      ...['--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh', prepare],
      ...['dash', '-c', renderBootScript(PATH)],
    ],
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  )
  const { pid } = child
  return useShell(child, script =>
    runWithin(['--target', String(pid), '--mount', '--root'], script),
  )
}

const useShell = (
  child: ChildProcessWithoutNullStreams,
  run: OverlayMachine['run'],
  stop: () => void = () => {},
): OverlayMachine => {
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
    run,
    end: async () => {
      await shell.end()
      stop()
    },
  }
}

const runWithin = (where: readonly string[], script: string): string =>
  execFileSync('nsenter', [...where, 'sh', '-c', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()

// As a container's engine starts it: with processes, control groups and a /dev of its own.
// Its control group is one of its own below the root of the second version's hierarchy.
const mountGroups = `all=/mnt; mount -t cgroup2 none "$all"`
const bootSystemd = `set -e
${mountGroups}
mkdir "$all/brd-machine.$$"; echo $$ >"$all/brd-machine.$$/cgroup.procs"; umount "$all"
exec unshare --mount --pid --fork --kill-child --cgroup --uts --ipc sh -ec '
mount -t tmpfs none /mnt; cd /mnt; mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
cd root; mount -t tmpfs -o mode=755 none dev; mkdir dev/shm dev/pts
for one in null zero random urandom full tty; do
  : >dev/$one; mount --bind /dev/$one dev/$one
done
ln -s /proc/self/fd dev/fd; mount -t tmpfs none dev/shm; mount -t proc proc proc
mount -t tmpfs none run; mount -t sysfs -o ro none sys; mount -t cgroup2 none sys/fs/cgroup
rm -rf etc/systemd/system var/lib/brd; mkdir -p etc/systemd/system
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd \\
  --unit=basic.target --show-status=no --log-target=null'`

/** Starts a machine of layers with its own systemd. Skips if this machine cannot make one. */
export const startSystemdMachine = async (): Promise<OverlayMachine> => {
  requireLayers()
  requirePrograms('systemctl', 'setpriv')
  const unshare = ['--mount', '--propagation', 'private', 'sh', '-c']
  // It ends with this process, however that ends.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...unshare, bootSystemd], {
    stdio: 'ignore',
    detached: true,
  })
  const stop = () => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL')
    } catch {} // it has ended
    const script = `${mountGroups}; i=0
until find "$all/brd-machine.${child.pid}" -depth -type d -exec rmdir {} + 2>/dev/null; do
  i=$((i + 1)); [ $i -lt 50 ] || break; sleep 0.2; done`
    execFileSync('unshare', [...unshare, script])
  }
  const where = await findInit(child.pid as number, stop)
  const shell = spawn('nsenter', [...where, 'dash', '-c', renderBootScript(PATH)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  return useShell(shell, script => runWithin(where, script), stop)
}

/** Waits until its systemd answers, and returns how to enter it. */
const findInit = async (parent: number, stop: () => void): Promise<readonly string[]> => {
  for (const until = Date.now() + 30_000; Date.now() < until; ) {
    await new Promise(resolve => setTimeout(resolve, 200))
    try {
      const children = `/proc/${parent}/task/${parent}/children`
      const pid = readFileSync(children, 'utf8').trim()
      if (pid === '') continue
      const where = ['--target', pid, '--mount', '--root', '--pid', '--cgroup', '--uts', '--ipc']
      if (runWithin(where, 'systemctl is-system-running || :') === 'running') return where
    } catch {} // it has not come so far
  }
  stop()
  return skip('nothing can be mounted here: systemd does not start in a namespace')
}

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
