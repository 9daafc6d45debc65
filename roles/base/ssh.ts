import type { SshSettings } from './settings.ts'

/** How sshd is set up. Each setting has its default of settings.ts. */
export type Ssh = Partial<SshSettings> & {
  /** Port that sshd listens on, for the firewall. It is not changed. Default 22. */
  readonly port?: number
  /** User who must be able to log in afterwards. Default: the user of this connection. */
  readonly login?: string
}

/**
 * sshd's settings: keys only, nothing that a server of ours has no use for. Forwarding of TCP
 * stays, for those who jump through it.
 */
export const makeSshdSettings = ({
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
