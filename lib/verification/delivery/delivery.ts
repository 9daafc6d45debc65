/** What became of one thing that a night's result was to reach. It is plain JSON. */
export type Delivery = {
  /** Where to. */
  readonly to: 'webhook' | 'mail' | 'ping' | 'page' | 'metrics' | 'junit' | 'log'
  /** `not due`: nothing was to be sent, such as an alarm after a night without a fault. */
  readonly is: 'delivered' | 'failed' | 'not due'
  /** What happened, in words without a secret. */
  readonly detail: string
}

/**
 * Says which deliveries failed, for the reason of the exit code; null if none did. A result that
 * reaches nobody is a fault, whatever the verdict is.
 */
export const explainFailedDeliveries = (all: readonly Delivery[]): string | null => {
  const failed = all.filter(({ is }) => is === 'failed')
  if (failed.length === 0) return null
  return `not delivered: ${failed.map(({ to, detail }) => `${to} (${detail})`).join(', ')}`
}

/** Tries a delivery: what it returns is the detail, and so is the message of what it throws. */
export const attemptDelivery = async (
  to: Delivery['to'],
  deliver: () => Promise<string>,
): Promise<Delivery> => {
  try {
    return { to, is: 'delivered', detail: await deliver() }
  } catch (error) {
    return { to, is: 'failed', detail: error instanceof Error ? error.message : String(error) }
  }
}
