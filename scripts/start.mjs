/**
 * Starts a script of this project from a bare clone: installs the node modules first where they are
 * missing or older than
 * the lockfile. Plain JavaScript without dependencies, since it runs before any of them is there.
 *   node scripts/start.mjs scripts/test.ts [arguments]
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * Why the modules must be installed, or undefined where what is installed is what the lockfile asks
 * for.
 */
export const stale = (lock, installed) => {
  if (!installed) return 'the node modules are not installed yet'
  const wanted = Object.entries(lock.packages).filter(([path]) => path !== '')
  const off = wanted.filter(([path, { version, optional }]) => {
    const here = installed.packages[path]
    return here ? here.version !== version : !optional
  })
  return off.length === 0 ? undefined : `${off.length} node modules are not as in package-lock.json`
}

const json = path =>
  existsSync(join(root, path)) ? JSON.parse(readFileSync(join(root, path), 'utf8')) : undefined

const main = () => {
  const why = stale(json('package-lock.json'), json('node_modules/.package-lock.json'))
  if (why) {
    process.stderr.write(`${why}: npm ci\n`)
    const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    })
    if (status !== 0) {
      process.stderr.write('npm ci failed: see its messages above\n')
      process.exitCode = 1
      return
    }
  }
  const preload = new URL('../lib/preload.mjs', import.meta.url).href
  const zx = join(root, 'node_modules/zx/build/cli.js')
  const child = spawn(process.execPath, ['--import', preload, zx, ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  // Ctrl-C reaches the child by itself; this process only waits for how it ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
