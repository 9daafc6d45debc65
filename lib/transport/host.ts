/** What connecting to a host needs to know of it. A host of the inventory has all of it. */
export type ReachableHost = {
  /** Its inventory name, used in messages. */
  readonly name: string
  /** IP address or DNS name; `local` is this machine, without ssh. */
  readonly address: string
  readonly port: number
  readonly user: string
  /** Whether commands need sudo to run as root. */
  readonly sudo: boolean
  readonly identityFile?: string | undefined
  readonly knownHosts?: string | undefined
  readonly vars: { readonly sudo?: boolean | undefined }
  /** Where its settings come from: those of the level `default` yield to ~/.ssh/config. */
  readonly layers: readonly {
    readonly level: string
    readonly values: Readonly<Record<string, unknown>>
  }[]
}
