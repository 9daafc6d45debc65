import { InputError } from '../errors/input-error.ts'
import type { Event } from '../events.ts'
import { follow } from './reduce.ts'
import { nothingYet, type RunState } from './state.ts'

/**
 * The state of a run from the text of its `events.jsonl`. Of a killed run the last line may be cut:
 * it is left out. Any other line that is no event is an InputError.
 */
export const replayed = (text: string, place: string): RunState => {
  const state = nothingYet()
  const lines = text.split('\n')
  for (const [i, line] of lines.entries()) {
    const event = eventOf(line)
    if (event) follow(state, event)
    else if (i < lines.length - 1)
      throw new InputError({ place: `${place}:${i + 1}`, message: 'is no event of a run' })
  }
  return state
}

const eventOf = (line: string): Event | null => {
  try {
    const event: unknown = JSON.parse(line)
    return event !== null && typeof event === 'object' && 'type' in event && 'at' in event
      ? (event as Event)
      : null
  } catch {
    return null
  }
}
