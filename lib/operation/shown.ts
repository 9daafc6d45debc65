import { Secret } from '../secret.ts'

/** A property of what an operation owns, as `differences` compares it. */
export type Shown = string | number | boolean | null | undefined | Secret

/** The value itself, for a comparison; null is absent. */
export const revealShown = (value: Shown): string | null =>
  value === null || value === undefined
    ? null
    : value instanceof Secret
      ? value.reveal()
      : String(value)

/** The value as a person reads it: a Secret by its name; null is absent. */
export const formatShown = (value: Shown): string | null =>
  value === null || value === undefined ? null : String(value)
