/** Waits for a promise; false if it does not settle in `ms`, or if `cancelled` ends the wait. */
export const settlesWithin = async (
  ms: number,
  promise: Promise<void>,
  cancelled: () => boolean,
): Promise<boolean> => {
  let settled = false
  const done = promise.then(() => {
    settled = true
  })
  const deadline = performance.now() + ms
  while (!settled && performance.now() < deadline && !cancelled())
    await Promise.race([done, new Promise(resolve => setTimeout(resolve, 100))])
  return settled
}
