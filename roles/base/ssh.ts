export type Ssh = {
  /** Port that sshd listens on, for the firewall. It is not changed. Default 22. */
  readonly port?: number
  /** Whether root may log in, by key. Default true. */
  readonly rootLogin?: boolean
  /** Sessions that one connection may open. Default 10. */
  readonly maxSessions?: number
  /** Seconds without a word from a client before it is dropped. Default 300. */
  readonly idleSeconds?: number
  /** Who must be able to log in afterwards. Default: the user of this connection. */
  readonly login?: string
}

/**
 * sshd's settings: keys only, nothing that a server of ours has no use for. Forwarding of TCP
 * stays, for those who jump through it.
 */
export const settings = ({
  rootLogin = true,
  maxSessions = 10,
  idleSeconds = 300,
}: Ssh): Readonly<Record<string, string | number>> => ({
  PermitRootLogin: rootLogin ? 'prohibit-password' : 'no',
  PubkeyAuthentication: 'yes',
  PasswordAuthentication: 'no',
  KbdInteractiveAuthentication: 'no',
  PermitEmptyPasswords: 'no',
  X11Forwarding: 'no',
  LoginGraceTime: 30,
  MaxSessions: maxSessions,
  ClientAliveInterval: Math.round(idleSeconds / 3),
  ClientAliveCountMax: 3,
})
