/** Where compiled scripts are kept. Nobody but the user can write there, or it is not used. */
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashInputs } from './digest.mjs'

const tool = dirname(fileURLToPath(import.meta.url))

/** The user's cache: $XDG_CACHE_HOME or ~/.cache. Throws if others could plant code in it. */
export const openCache = env => {
  const base = isAbsolute(env.XDG_CACHE_HOME ?? '') ? env.XDG_CACHE_HOME : join(homedir(), '.cache')
  const own = join(base, 'brokard-infra')
  const named = join(own, 'compiled')
  for (const it of [base, own, named]) makeFolder(it)
  const folder = realpathSync(named)
  refuseShared(folder, process.geteuid?.())
  return {
    folder,
    read: script => read(folder, script),
    write: (script, built) => write(folder, script, built),
  }
}

/** Not `recursive`: in a folder like /proc, Node then tries for ever. */
const makeFolder = path => {
  try {
    if (!existsSync(path)) mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error // another run was first
  }
}

/**
 * Throws if another user could write in the folder, or put another one in its place. Others may
 * own the folders above if they are root; /tmp is safe by its sticky bit.
 */
export const refuseShared = (folder, user) => {
  for (let at = folder; ; at = dirname(at)) {
    const { uid, mode } = lstatSync(at)
    if (uid !== user && (at === folder || uid !== 0))
      throw new Error(`${at} belongs to user ${uid}`)
    const isSticky = at !== folder && (mode & 0o1000) !== 0
    if ((mode & 0o022) !== 0 && !isSticky) throw new Error(`others may write in ${at}`)
    if (at === dirname(at)) return
  }
}

/** What was compiled of the script, or null if there is nothing, or an input differs since. */
const read = (cache, script) => {
  try {
    const { inputs, digest, name, outputs, modules, globals } = readIndex(cache, script)
    const folder = join(cache, name)
    return hashInputs(inputs) === digest && isWhole(folder, outputs)
      ? { folder, modules, globals }
      : null
  } catch {
    return null // absent or damaged: it is compiled anew
  }
}

/** Keeps what was compiled. Files are complete before they get their name. */
const write = (cache, script, { inputs, digest, files, modules, globals }) => {
  const code = [...files].filter(([file]) => !file.endsWith('.map'))
  const outputs = Object.fromEntries(code.map(([file, data]) => [file, sha256(data)]))
  const name = sha256(JSON.stringify(outputs)).slice(0, 32)
  const temporary = mkdtempSync(join(cache, 'new-'))
  try {
    retire(cache, script, name)
    const made = join(temporary, name)
    mkdirSync(made, { mode: 0o700 })
    for (const [file, data] of files) writeFileSync(join(made, file), data, { mode: 0o600 })
    if (!isWhole(join(cache, name), outputs)) replaceFolder(made, join(cache, name), temporary)
    const index = join(temporary, 'index')
    const content = JSON.stringify({ inputs, digest, name, outputs, modules, globals })
    writeFileSync(index, content, { mode: 0o600 })
    renameSync(index, indexPath(cache, script))
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

const replaceFolder = (made, to, aside) => {
  try {
    renameSync(to, join(aside, 'damaged'))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  try {
    renameSync(made, to)
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error // another run was first
  }
}

/** A run that began with the former code may still load parts of it: it is kept for a day more. */
const retire = (cache, script, name) => {
  try {
    const former = readIndex(cache, script).name
    if (former !== name) utimesSync(join(cache, former), new Date(), new Date())
  } catch {} // there was none
}

const indexPath = (cache, { path, zx }) =>
  join(
    cache,
    `${sha256([path, zx, tool, process.version, process.arch].join('\0')).slice(0, 32)}.json`,
  )

const readIndex = (cache, script) => JSON.parse(readFileSync(indexPath(cache, script), 'utf8'))

const isWhole = (folder, outputs) => {
  try {
    return Object.entries(outputs).every(
      ([file, hash]) => sha256(readFileSync(join(folder, file))) === hash,
    )
  } catch {
    return false
  }
}

const sha256 = data => createHash('sha256').update(data).digest('hex')
