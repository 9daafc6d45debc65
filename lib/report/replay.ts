import { InputError } from '../errors/input-error.ts'
import type { Event } from '../events.ts'
import { reduce } from './reduce.ts'
import { createRunState, type RunState } from './run-state.ts'

/**
 * Rebuilds the state of a run from its `events.jsonl`. The last line of a killed run may be cut off
 * and is skipped. Any other line that is not an event is an InputError.
 */
export const replay = (text: string, place: string): RunState => {
  const state = createRunState()
  const lines = text.split('\n')
  for (const [i, line] of lines.entries()) {
    const event = parseEvent(line)
    const refuse = (cause?: unknown): never => {
      throw new InputError(
        {
          place: `${place}:${i + 1}`,
          message: 'is not an event of a run',
          next: 'Render it with the version of this program that recorded the run.',
        },
        { cause },
      )
    }
    if (event) {
      try {
        reduce(state, event)
      } catch (cause) {
        refuse(cause) // an event that has other parts, or none of them
      }
    } else if (i < lines.length - 1) refuse()
  }
  return state
}

const parseEvent = (line: string): Event | null => {
  try {
    const event: unknown = JSON.parse(line)
    return event !== null && typeof event === 'object' && 'type' in event && 'at' in event
      ? (event as Event)
      : null
  } catch {
    return null
  }
}
