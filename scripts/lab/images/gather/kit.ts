/** What every source is given. */
export type Kit = {
  /** The folder that becomes the image's context; what is gathered is put here. */
  into: string
  /** Outlives `down`: downloads and compiled parts. */
  cache: string
  /** One line of progress for a person. */
  say: (line: string) => void
}
