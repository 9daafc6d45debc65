/** A file without its name: descriptors hold it also after it was renamed or removed. */
export type FileNode = { readonly is: 'file'; chunks: Buffer[]; size: number }
