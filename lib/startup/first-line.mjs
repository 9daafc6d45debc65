/** Something on the screen while a script loads: half a second, and more on a busy machine. */
import { basename } from 'node:path'
import { isatty } from 'node:tty'

/**
 * Shows on a terminal that the script is loading, until its first output takes the line's place.
 * Anywhere else nothing is shown.
 */
export const showLoading = script => {
  if (!isatty(1) || !isatty(2) || process.env.CI || process.env.TERM === 'dumb') return
  const { stdout, stderr } = process
  const write = stderr.write.bind(stderr)
  let isShown = true
  const clear = () => {
    if (!isShown) return
    isShown = false
    for (const stream of [stdout, stderr]) delete stream.write
    process.off('exit', clear)
    write('\r\x1b[K')
  }
  write(`loading ${basename(script).replace(/[^\w.-]/g, '?')} …`)
  for (const stream of [stdout, stderr])
    stream.write = (...given) => {
      clear()
      // Not `stream.write`: who kept this function may have put it back.
      return Object.getPrototypeOf(stream).write.apply(stream, given)
    }
  process.on('exit', clear)
}
