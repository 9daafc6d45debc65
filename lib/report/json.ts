import type { Out, View } from './view.ts'

/** `--json`: each event as one line of JSON, and nothing else. */
export const createJsonView = (stdout: Out): View => ({
  event: event => {
    stdout.write(`${JSON.stringify(event)}\n`)
  },
  close: async () => {},
})
