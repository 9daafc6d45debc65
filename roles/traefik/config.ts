import { READ_ONLY_SOCKET } from '../../lib/compose/read-only-socket.ts'

type Static = {
  readonly email: string
  readonly server: string | undefined
  readonly network: string
}

/** Traefik's static configuration: what it is started with. */
export const renderStaticConfig = ({
  email,
  server,
  network,
}: Static): string => `# Traefik's static configuration. A change of it updates the service.
global: { checkNewVersion: false, sendAnonymousUsage: false }
log: { level: INFO, format: json }
# Headers are left out by default: cookies and passwords do not reach the logs.
accessLog: { format: json }
api: { dashboard: true }
ping: {}

entryPoints:
  web:
    address: ':80'
    http: { redirections: { entryPoint: { to: websecure, scheme: https } } }
  websecure:
    address: ':443'
    # The default of 60 s cuts slow uploads.
    transport: { respondingTimeouts: { readTimeout: 600s }, lifeCycle: { graceTimeOut: 20s } }
    # PHP cannot tell X_Forwarded_For from X-Forwarded-For: headers with an underscore are dropped.
    http: { tls: { certResolver: acme }, underscoreHeadersStrategy: delete }

providers:
  swarm:
    endpoint: ${READ_ONLY_SOCKET}
    exposedByDefault: false
    network: ${JSON.stringify(network)}
    # How long a new or lost task goes unnoticed. The default is 15 s.
    refreshSeconds: 2
    allowEmptyServices: true
  # A folder: a file mounted by itself would not be seen to be replaced.
  file: { directory: /etc/traefik/dynamic, watch: true }

certificatesResolvers:
  acme:
    acme:
      email: ${JSON.stringify(email)}
      storage: /acme/acme.json
      # The default, RSA of 4096 bits, takes 4 ms of a core to sign each new visitor's handshake,
      # this one 0.03 ms (openssl speed).
      keyType: EC256
      httpChallenge: { entryPoint: web }
${server === undefined ? '' : `      caServer: ${JSON.stringify(server)}\n`}`

/** What Traefik reads again while it runs: its dashboard, and the password that the tools share. */
export const renderDynamicConfig = (
  host: string,
): string => `# Read by Traefik as soon as it changes.
http:
  middlewares:
    auth: { basicAuth: { usersFile: /run/secrets/users, removeHeader: true } }
  routers:
    dashboard:
      rule: ${JSON.stringify(`Host(\`${host}\`)`)}
      entryPoints: [websecure]
      service: api@internal
      middlewares: [auth]
      tls: { certResolver: acme }
`
