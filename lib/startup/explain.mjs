/** With BRD_EXPLAIN_STARTUP=1, says on stderr what runs: the compiled script or its source. */
export const explain = message => {
  if (process.env.BRD_EXPLAIN_STARTUP) process.stderr.write(`startup: ${message}\n`)
}
