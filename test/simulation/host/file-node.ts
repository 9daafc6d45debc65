/** A file without its name: descriptors hold it also after it was renamed or removed. */
export type FileNode = {
  readonly is: 'file'
  chunks: Buffer[]
  size: number
  /** What the first chunk says, once it was asked for. */
  text: { readonly of: Buffer; readonly is: string } | null
}

const NOTHING = Buffer.alloc(0)

export const makeFile = (content: Buffer = NOTHING): FileNode => ({
  is: 'file',
  chunks: content.length > 0 ? [content] : [],
  size: content.length,
  text: null,
})

/** All bytes of a file. They are the file's own: nobody may change them. */
export const contentOf = (file: FileNode): Buffer => {
  if (file.chunks.length > 1) file.chunks = [Buffer.concat(file.chunks)]
  return file.chunks[0] ?? NOTHING
}

/** A file as latin1 text. */
export const textOf = (file: FileNode): string => {
  const content = contentOf(file)
  if (file.text?.of !== content) file.text = { of: content, is: content.toString('latin1') }
  return file.text.is
}
