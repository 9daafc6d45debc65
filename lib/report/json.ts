import type { Out, View } from './view.ts'

/** Creates the view of --json: each event as one line of JSON. */
export const createJsonView = (stdout: Out): View => ({
  event: event => {
    stdout.write(`${JSON.stringify(event)}\n`)
  },
  close: async () => {},
})
