/** The host lacks programs that every host must have. */
export class MissingTools extends Error {
  /** What the operator can do. */
  readonly next = 'install coreutils (or busybox) and procps there'
  constructor(tools: readonly string[]) {
    super(`the host lacks ${tools.join(', ')}`)
    this.name = 'MissingTools'
  }
}
