import type {
  ComposeDuration,
  ComposeService,
  Deploy,
  Healthcheck,
} from '../../lib/compose/compose.ts'
import type { EnvironmentOptions } from './options.ts'
import type { Amounts } from './settings.ts'

/** The environment's own overlay network. Nothing of another environment is on it. */
export const nameNetwork = (name: string): string => `env-${name}`

/** The label of the node that holds an environment's volumes. */
export const nameLabel = (name: string): string => `brd.env.${name}`

/**
 * All of an environment runs on the node that is labelled for it: its volumes are there (on another
 * node Swarm would start it with empty ones), and
 * nginx beside php saves each request a way between servers.
 */
export const placeOnNode = ({ name }: EnvironmentOptions): NonNullable<Deploy['placement']> => ({
  constraints: [`node.labels.${nameLabel(name)}==1`],
})

export const limitResources = ({ memory, cpus }: Amounts): NonNullable<Deploy['resources']> => ({
  limits: { memory, ...(cpus === undefined ? {} : { cpus }) },
})

/** What the containers of a service carry for those who read their logs. */
export const makeLabels = (
  { name }: EnvironmentOptions,
  service: string,
): NonNullable<ComposeService['labels']> => ({
  'brd.environment': name,
  'brd.service': service,
})

/**
 * One task whose data two tasks must never open together: the old one ends before the new one
 * starts.
 */
export const singleTask = {
  order: 'stop-first',
  monitor: '15s',
  failure_action: 'rollback',
} as const

/**
 * The new task serves before the old one stops: there is always a task that serves.
 *
 * When a new task fails, Swarm starts another one in its place, after a delay. If that one already
 * has the version before, and is starting when the rollback is declared complete, Swarm finds two
 * good tasks and ends one of them, which may be the one that serves. So a rollback is complete
 * after a second, and a task is started again only after fifteen.
 */
export const rolling = {
  update_config: {
    parallelism: 1,
    order: 'start-first',
    monitor: '15s',
    failure_action: 'rollback',
  },
  rollback_config: { order: 'start-first', monitor: '1s' },
  restart_policy: { condition: 'any', delay: '15s' },
} as const

/**
 * Asks a service how it is, by default every five seconds. It is ended after six answers in a row
 * that were bad or took longer than ten seconds: on a server with too much to do a well service is
 * slow, and ended for it, it would answer nobody. `start_period` is the time in which it may not
 * answer yet.
 */
export const checkHealth = (
  test: readonly ['CMD' | 'CMD-SHELL', ...string[]],
  start_period: ComposeDuration,
  interval: ComposeDuration = '5s',
): Healthcheck => ({ test, interval, timeout: '10s', retries: 6, start_period })
