import * as z from 'zod'
import { declareSettings, format } from '../../lib/settings.ts'

/** The server itself: who may log in, from where, and its time zone. */
export const baseSettings = declareSettings({
  role: 'base',
  settings: {
    /** Time zone of the servers and their cron, an IANA name. Default Etc/UTC. */
    timezone: format.timeZone.default('Etc/UTC'),
    /** Who may reach what. */
    firewall: z.strictObject({
      /**
       * Networks that sshd answers. 80 and 443 are open to all; the swarm's ports to the cluster's
       * own servers. Required.
       */
      admin: z.array(format.cidr).min(1, 'is empty: nobody could log in'),
    }),
    /** sshd. Passwords are always off. */
    ssh: z.strictObject({
      /**
       * Whether root may log in by key. Default true. Set it to false if `user` is not root and has
       * sudo.
       */
      rootLogin: z.boolean().default(true),
      /** Sessions that one connection may open; 10 or more. Default 10. */
      maxSessions: z.int().min(10, 'is below 10, which the runner needs').default(10),
      /** Seconds without a word from a client before it is dropped. Default 300. */
      idleSeconds: z.int().min(30, 'is below 30 seconds').default(300),
    }),
    /** People who may log in, by their Linux user. Default none. */
    operators: z
      .record(
        format.userName,
        z.strictObject({
          /** Lines of authorized_keys: these and no others open the account. At least one. */
          keys: z.array(format.sshKey).min(1, 'is empty: the operator could not log in'),
          /** Whether the person may become root without a password. Default true. */
          sudo: z.boolean().exactOptional(),
        }),
      )
      .default({}),
  },
})

type Values = z.infer<z.ZodObject<typeof baseSettings.settings>>
/** People who may log in, by their Linux user. */
export type Operators = Readonly<Values['operators']>
/** How sshd is set up. */
export type SshSettings = Readonly<Values['ssh']>
