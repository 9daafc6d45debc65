/** The packages of the tools that coreutils does not have. */
const PACKAGES: Readonly<Record<string, string>> = {
  awk: 'mawk',
  cmp: 'diffutils',
  grep: 'grep',
  ps: 'procps',
  sed: 'sed',
}

/** The host lacks programs that every host must have. */
export class MissingTools extends Error {
  /** What the operator can do. */
  readonly next: string
  constructor(tools: readonly string[]) {
    super(`the host lacks ${tools.join(', ')}`)
    this.name = 'MissingTools'
    const packages = [...new Set(tools.map(tool => PACKAGES[tool] ?? 'coreutils'))]
    this.next = `install ${packages.join(', ')} there (or busybox, which has all of it)`
  }
}

/** The host has no folder in which the runner may keep what is printed. */
export class NoRoom extends Error {
  readonly next = 'make room there, or mount it for writing: df -h /dev/shm /tmp'
  constructor(folders: readonly string[]) {
    super(`nothing can be written to ${folders.join(' or ')} on the host`)
    this.name = 'NoRoom'
  }
}

/** What the boot line says when a host cannot be worked on; null for any other line. */
export const readUnfit = (line: string): MissingTools | NoRoom | null => {
  const [word = '', ...rest] = line.trim().split(' ')
  if (word === 'brd-missing') return new MissingTools(rest)
  return word === 'brd-no-room' ? new NoRoom(rest) : null
}
