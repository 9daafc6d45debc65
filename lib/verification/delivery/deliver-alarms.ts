import type { Secret } from '../../secret.ts'
import type { Night } from '../night.ts'
import type { Alarm } from '../report/alarms.ts'
import { type CallOptions, callUrl } from './call-url.ts'
import { attemptDelivery, type Delivery } from './delivery.ts'
import { type SendmailOptions, sendMail } from './send-mail.ts'

/** Whom a night's result reaches. What is missing is not used. */
export type DeliveryTargets = {
  /** URL that alarms are posted to. */
  readonly webhook?: Secret
  /** Addresses that alarms are mailed to, and the sender. */
  readonly mail?: { readonly to: readonly string[]; readonly from?: string }
  /** URL of the dead man's switch. */
  readonly ping?: Secret
  readonly sendmail?: SendmailOptions
  readonly calls?: Omit<CallOptions, 'body'>
}

/**
 * Delivers a night's alarms by webhook and mail, and pings the dead man's switch only if every
 * environment passed and there is no alarm. Never rejects: what could not be delivered is in the
 * list, and must be in the exit code's reason.
 */
export const deliverAlarms = (
  night: Night,
  alarms: readonly Alarm[],
  { webhook, mail, ping, sendmail = {}, calls = {} }: DeliveryTargets,
): Promise<readonly Delivery[]> => {
  const isAlarm = alarms.length > 0
  const isPass =
    !isAlarm &&
    night.environments.length > 0 &&
    night.environments.every(({ verdict }) => verdict === 'PASS')
  const alarm = (to: Delivery['to'], deliver: () => Promise<string>) =>
    isAlarm ? attemptDelivery(to, deliver) : skipDelivery(to, 'there is no alarm')
  return Promise.all([
    ...(webhook
      ? [alarm('webhook', () => callUrl(webhook, { ...calls, body: createMessage(night, alarms) }))]
      : []),
    ...(mail
      ? [alarm('mail', async () => sendMail({ ...mail, ...createLetter(night, alarms) }, sendmail))]
      : []),
    ...(ping
      ? [
          isPass
            ? attemptDelivery('ping', () => callUrl(ping, calls))
            : skipDelivery('ping', 'not every environment passed'),
        ]
      : []),
  ])
}

const skipDelivery = (to: Delivery['to'], detail: string): Delivery => ({
  to,
  is: 'not due',
  detail,
})

/** `text` is what Slack, Mattermost and the like show; the rest is for programs. */
const createMessage = ({ began, ended, host }: Night, alarms: readonly Alarm[]): object => ({
  text: alarms.map(({ text }) => text).join('\n'),
  alarms,
  night: { began, ended, host },
})

const createLetter = (
  { began, ended, host }: Night,
  alarms: readonly Alarm[],
): { readonly subject: string; readonly body: string; readonly date: Date } => ({
  subject: `Backups: ${alarms.map(nameAlarm).join(', ')}`,
  body:
    `${alarms.map(({ text }) => text).join('\n\n')}\n\n` +
    `Verified on ${host} from ${began} to ${ended}.`,
  date: new Date(ended),
})

const nameAlarm = ({ environment, about }: Alarm): string => {
  if (environment !== null) return `${environment} ${about}`
  return about === 'ledger' ? 'ledger not trusted' : 'results not kept'
}
