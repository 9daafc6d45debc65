/** What a probe or a change printed, and its exit code. */
export type Output = {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
  /** Why what was printed is not all here: too much, or the host is full. Default: it is all. */
  readonly cut?: string
}
