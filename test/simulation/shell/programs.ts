import { contentOf } from '../host/file-node.ts'
import { Fault, folderOf } from '../host/files.ts'
import { type Process, read, readAll, type Task, write } from '../host/kernel.ts'
import { getEntry, openToRead, resolvePath } from '../host/open.ts'
import { release } from '../host/pipes.ts'
import { ModelGap } from './gap.ts'
import type { Shell } from './shell.ts'

type Tool = (process: Process, words: readonly string[], shell: Shell) => Task | number

/** The flags of a command line and what follows them; a flag that is not known is a gap. */
const parseWords = (
  name: string,
  words: readonly string[],
  known: string,
): { flags: Set<string>; rest: string[] } => {
  const flags = new Set<string>()
  const rest = [...words]
  while (/^-./.test(rest[0] ?? '')) {
    const word = rest.shift() as string
    if (word === '--') break
    for (const flag of word.slice(1)) {
      if (!known.includes(flag)) throw new ModelGap(`${name} ${words.join(' ')}`)
      flags.add(flag)
    }
  }
  return { flags, rest }
}

const print = (process: Process, text: string, fd = 1) =>
  write(process, fd, Buffer.from(text, 'latin1'))

/** Does something with each path; a fault is told, and the exit code is 1 in the end. */
function* withEach(
  name: string,
  process: Process,
  paths: readonly string[],
  quiet: boolean,
  work: (path: string) => void,
): Task {
  let status = 0
  for (const path of paths)
    try {
      work(resolvePath(process, path))
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      if (quiet && error.code === 'ENOENT') continue
      status = 1
      yield* print(process, `${name}: ${path}: ${error.message}\n`, 2)
    }
  return status
}

const readFile = (process: Process, path: string): Buffer => {
  const open = openToRead(process, resolvePath(process, path))
  try {
    return open.is === 'file' ? contentOf(open.node) : (open as { bytes: Buffer }).bytes
  } finally {
    release(open)
  }
}

/** Copies stdin, or files, to stdout; what cannot be read is told. */
const cat: Tool = function* (process, words) {
  let status = 0
  if (words.length === 0)
    for (;;) {
      const bytes = yield* read(process, 0, 65_536)
      if (bytes.length === 0) return 0
      yield* write(process, 1, bytes)
    }
  for (const word of words) {
    let bytes: Buffer
    try {
      bytes = readFile(process, word)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      status = 1
      yield* print(process, `cat: ${word}: ${error.message}\n`, 2)
      continue
    }
    yield* write(process, 1, bytes)
  }
  return status
}

const dd: Tool = function* (process, words) {
  const options = new Map(words.map(word => word.split('=') as [string, string]))
  const [size, count] = [Number(options.get('bs')), Number(options.get('count'))]
  if (options.size !== (options.has('iflag') ? 3 : 2) || !(size >= 0))
    throw new ModelGap(`dd ${words.join(' ')}`)
  const isWhole = options.get('iflag') === 'fullblock'
  let whole = 0
  let partial = 0
  while (whole + partial < count) {
    const chunks: Buffer[] = []
    let got = 0
    while (got < size) {
      const bytes = yield* read(process, 0, size - got)
      if (bytes.length === 0) break
      chunks.push(bytes)
      got += bytes.length
      if (!isWhole) break
    }
    if (got === 0) break
    yield* write(process, 1, Buffer.concat(chunks))
    if (got === size) whole++
    else partial++
  }
  yield* print(process, `${whole}+${partial} records in\n${whole}+${partial} records out\n`, 2)
  return 0
}

const wc: Tool = function* (process, words) {
  const { flags, rest } = parseWords('wc', words, 'c')
  if (!flags.has('c')) throw new ModelGap(`wc ${words.join(' ')}`)
  if (rest.length === 0) {
    yield* print(process, `${(yield* readAll(process, 0)).length}\n`)
    return 0
  }
  let total = 0
  let status = 0
  for (const path of rest)
    try {
      const { length } = path === '/dev/null' ? [] : readFile(process, path)
      total += length
      yield* print(process, `${String(length).padStart(7)} ${path}\n`)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      status = 1
      yield* print(process, `wc: ${path}: ${error.message}\n`, 2)
    }
  if (rest.length > 1) yield* print(process, `${String(total).padStart(7)} total\n`)
  return status
}

const cp: Tool = function* (process, words) {
  const { rest } = parseWords('cp', words, '')
  const target = rest.pop() ?? ''
  const { files } = process.kernel
  let status = 0
  for (const path of rest)
    try {
      const bytes = readFile(process, path)
      const at = resolvePath(process, target)
      const name = path.slice(path.lastIndexOf('/') + 1)
      const to = getEntry(process, at)?.is === 'folder' ? `${at}/${name}` : at
      files.append(to, files.openToWrite(to, true), bytes)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      status = 1
      yield* print(process, `cp: ${path}: ${error.message}\n`, 2)
    }
  return status
}

const cmp: Tool = (process, words) => {
  const { rest } = parseWords('cmp', words, 's')
  const [one, other] = rest as [string, string]
  try {
    return readFile(process, one).equals(readFile(process, other)) ? 0 : 1
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return 2
  }
}

const rm: Tool = (process, words) => {
  const { flags, rest } = parseWords('rm', words, 'rf')
  const { files } = process.kernel
  return withEach('rm', process, rest, flags.has('f'), path => {
    if (flags.has('r') && files.get(path)?.is === 'folder') files.removeTree(path)
    else files.remove(path)
  })
}

const mv: Tool = (process, words) => {
  const { rest } = parseWords('mv', words, 'fT')
  const to = resolvePath(process, rest.pop() ?? '')
  const { files } = process.kernel
  return withEach('mv', process, rest, false, path =>
    files.rename(
      path,
      files.get(to)?.is === 'folder' ? `${to}/${path.slice(path.lastIndexOf('/') + 1)}` : to,
    ),
  )
}

const mkdir: Tool = (process, words) => {
  const { flags, rest } = parseWords('mkdir', words, 'p')
  const { files } = process.kernel
  return withEach('mkdir', process, rest, false, path =>
    flags.has('p') ? files.makeFolders(path) : files.makeFolder(path),
  )
}

const mktemp: Tool = function* (process, words) {
  const { rest } = parseWords('mktemp', words, 'd')
  const [template = '/tmp/tmp.XXXXXX'] = rest
  const letters = String(process.kernel.random.whole(100_000, 999_999))
  const path = template.replace(/X+$/, letters)
  process.kernel.files.makeFolder(path)
  yield* print(process, `${path}\n`)
  return 0
}

const ln: Tool = (process, words) => {
  const { flags, rest } = parseWords('ln', words, 'sn')
  if (!flags.has('s')) throw new ModelGap('ln without -s')
  const [to = '', path = ''] = rest
  return withEach('ln', process, [path], false, at => process.kernel.files.makeLink(to, at))
}

const readlink: Tool = function* (process, words) {
  const { rest } = parseWords('readlink', words, '')
  const to = process.kernel.files.readLink(resolvePath(process, rest[0] ?? ''))
  if (to === null) return 1
  yield* print(process, `${to}\n`)
  return 0
}

const ps: Tool = function* (process, words) {
  if (words.join(' ') !== '-A -o pid= -o ppid=') throw new ModelGap(`ps ${words.join(' ')}`)
  const all = [...process.kernel.processes.values()]
  const lines = all.map(({ pid, parent }) => `${pid} ${parent?.pid ?? 1}\n`)
  yield* print(process, `1 0\n${lines.join('')}`)
  return 0
}

/** awk programs by their text, and what they print for the lines of stdin. */
const AWKS: Readonly<
  Record<string, (lines: readonly string[], values: ReadonlyMap<string, string>) => string>
> = {
  '{p[$1]=$2} END {for (i in p) {for (j=i; j>1 && j!=r; j=p[j]); if (j==r) print i}}': (
    lines,
    values,
  ) => {
    const parents = new Map(lines.map(line => line.trim().split(/\s+/) as [string, string]))
    const root = values.get('r') ?? ''
    return [...parents.keys()]
      .filter(pid => {
        let at = pid
        while (Number(at) > 1 && at !== root) at = parents.get(at) ?? ''
        return at === root
      })
      .map(pid => `${pid}\n`)
      .join('')
  },
}

const awk: Tool = function* (process, words) {
  const values = new Map<string, string>()
  const rest = [...words]
  while (rest[0] === '-v') {
    const [, value = ''] = rest.splice(0, 2)
    values.set(...(value.split(/=(.*)/s) as [string, string]))
  }
  const run = AWKS[(rest[0] ?? '').replace(/\s+/g, ' ')]
  if (!run || rest.length > 1) throw new ModelGap(`the awk program ${rest.join(' ')}`)
  const lines = (yield* readAll(process, 0)).toString('latin1').split('\n')
  yield* print(process, run(lines.filter(Boolean), values))
  return 0
}

/** The programs of a simulated host. */
export const PROGRAMS: Readonly<Record<string, Tool>> = {
  cat,
  dd,
  wc,
  cp,
  cmp,
  rm,
  mv,
  mkdir,
  mktemp,
  ln,
  readlink,
  ps,
  awk,
  sleep: function* (_, [seconds = '0']) {
    yield Number(seconds) * 1000
    return 0
  },
  id: function* (process, words) {
    if (words.join(' ') !== '-u') throw new ModelGap(`id ${words.join(' ')}`)
    yield* print(process, '0\n')
    return 0
  },
  /** A package manager: it takes so many seconds, and it must not be ended half-way. */
  dpkg: function* (_, [seconds = '0']) {
    yield Number(seconds) * 1000
    return 0
  },
  /** A program that takes so many seconds and does not heed SIGTERM. */
  stubborn: function* (process, [seconds = '0']) {
    process.handled.add('TERM')
    yield Number(seconds) * 1000
    return 0
  },
  mkfifo: (process, words) =>
    withEach('mkfifo', process, words, false, path =>
      process.kernel.files.makeFifo(path, process.kernel.createPipe()),
    ),
  tail: function* (process, words) {
    const [flag, count, ...files] = words
    if (flag !== '-c' || files.length > 0) throw new ModelGap(`tail ${words.join(' ')}`)
    const bytes = yield* readAll(process, 0)
    yield* write(process, 1, bytes.subarray(Math.max(0, bytes.length - Number(count))))
    return 0
  },
  grep: function* (process, [flags, text = '', ...paths]) {
    if (flags !== '-ls') throw new ModelGap(`grep ${flags} ${text}`)
    const found: string[] = []
    for (const path of paths)
      try {
        const bytes = readFile(process, path)
        if (bytes.toString('latin1').includes(text.replaceAll('[.]', '.'))) found.push(path)
      } catch (error) {
        if (!(error instanceof Fault)) throw error // it is gone meanwhile
      }
    yield* print(process, found.map(path => `${path}\n`).join(''))
    return found.length > 0 ? 0 : 1
  },
  sed: function* (process, words) {
    if (words.join(' ') !== 's/[^0-9]//g') throw new ModelGap(`sed ${words.join(' ')}`)
    const text = (yield* readAll(process, 0)).toString('latin1')
    yield* print(process, text.replace(/[^0-9\n]/g, ''))
    return 0
  },
  sync: () => {
    return 0
  },
  touch: (process, words) =>
    withEach('touch', process, words, false, path => {
      const { files } = process.kernel
      if (files.get(folderOf(path))?.is !== 'folder') throw new Fault('ENOENT')
      files.openToWrite(path, false)
    }),
  /** Asks for a reboot, which comes a moment later. */
  reboot: process => {
    process.kernel.onReboot()
    return 0
  },
}
