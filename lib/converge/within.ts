/**
 * Whether the promise settled within so many milliseconds; gives up as soon as `enough` says so.
 */
export const within = async (
  ms: number,
  promise: Promise<void>,
  enough: () => boolean,
): Promise<boolean> => {
  let settled = false
  const done = promise.then(() => {
    settled = true
  })
  for (const until = performance.now() + ms; !settled && performance.now() < until && !enough(); )
    await Promise.race([done, new Promise(resolve => setTimeout(resolve, 100))])
  return settled
}
