import type { Deferred } from '../../deferred.ts'
import { operation, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'

export type StackImage = {
  /** The service's full name, such as `stage_php`. */
  readonly service: string
  /** Receives the image's name. */
  readonly provides: Deferred<string>
}

/**
 * Provides the image that a service was last deployed with, as its compose file named it; for a
 * manager.
 */
export const image = operation('stack.image', {
  name: ({ service }: StackImage) => service,
  probe: ({ service }) =>
    sh`docker service inspect --format '{{index .Spec.Labels "com.docker.stack.image"}}' \
  ${service}`,
  read: (out, { provides }) => {
    const name = out.stdout.toString().trim()
    if (out.exitCode !== 0 || name === '')
      return unreadable(out, 'it does not run: deploy it first')
    provides.provide(name)
    return name
  },
  plan: () => null,
  provides: ({ provides }) => [provides],
})
