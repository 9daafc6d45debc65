import type { Secret } from '../../secret.ts'
import type { Site } from './ask.ts'

/** A password of the user `admin` of one of the cluster's tools. */
export type Password = Site & {
  /** What `admin` logs in with, or is tried with. */
  readonly password: Secret
  /** A keyed hash of the password: with another it is done again. */
  readonly mark: string
}

export type Change = Password & {
  /** What it has been: the tool changes a password for who knows it. */
  readonly before: Secret
}
