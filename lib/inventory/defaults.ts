import type { Layer } from './layers.ts'
import { defaults } from './settings.ts'

/** The weakest layer: what holds where nothing is set. */
export const defaultLayer: Layer = { level: 'default', values: defaults, place: () => 'default' }
