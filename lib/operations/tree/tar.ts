/** One member of an archive: a file with its content, or a symlink with its target. */
export type Member = {
  readonly name: string
  readonly mode: number
  readonly content?: Buffer
  readonly target?: string
  /** Seconds since 1970. */
  readonly mtime: number
}

/**
 * A tar archive (ustar, with GNU's long names, which GNU tar and busybox both read), in pieces:
 * contents are not copied. Of uid and gid 0.
 */
export const buildTar = (members: readonly Member[]): Buffer[] => [
  ...members.flatMap(encodeMember),
  Buffer.alloc(1024),
]

const encodeMember = ({
  name,
  mode,
  content = Buffer.alloc(0),
  target = '',
  mtime,
}: Member): Buffer[] => [
  ...encodeLongName('L', name),
  ...encodeLongName('K', target),
  encodeHeader(target ? '2' : '0', name, content.length, mode, mtime, target),
  content,
  makePadding(content.length),
]

/** A name that does not fit into a header precedes it, as a separate member. */
const encodeLongName = (type: string, name: string): Buffer[] => {
  const bytes = Buffer.from(`${name}\0`)
  return bytes.length <= 101
    ? []
    : [
        encodeHeader(type, '././@LongLink', bytes.length, 0, 0, ''),
        bytes,
        makePadding(bytes.length),
      ]
}

const encodeHeader = (
  type: string,
  name: string,
  size: number,
  mode: number,
  mtime: number,
  target: string,
): Buffer => {
  const block = Buffer.alloc(512)
  const put = (text: string, at: number, most: number) =>
    void Buffer.from(text).copy(block, at, 0, most)
  const octal = (value: number, at: number, digits: number) =>
    put(value.toString(8).padStart(digits, '0'), at, digits)
  put(name, 0, 100)
  octal(mode, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(size, 124, 11)
  octal(Math.max(0, mtime), 136, 11)
  put('        ', 148, 8)
  put(type, 156, 1)
  put(target, 157, 100)
  put('ustar\x0000', 257, 8)
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  )
  block[154] = 0
  return block
}

const makePadding = (size: number): Buffer => Buffer.alloc((512 - (size % 512)) % 512)
