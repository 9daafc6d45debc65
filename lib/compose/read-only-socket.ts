import type { ComposeService, Deploy, Volume } from './compose.ts'

/** The address of the proxy's socket, for those who mount `socketVolume`. */
export const READ_ONLY_SOCKET = 'unix:///proxy/docker.sock'

/** The volume with the proxy's socket. A stack with the proxy has a volume `socket`. */
export const socketVolume: Volume = { type: 'volume', source: 'socket', target: '/proxy' }

/** The network of the proxy alone. A stack with the proxy has it as `socket`. */
export const socketNetwork = { internal: true } as const

/**
 * A proxy before Docker's socket, which lets only questions pass: whoever holds the socket itself
 * is root on its node. Its config is `renderSocketProxy`, among the stack's configs as `socket`.
 * It has to be on the node of those who use it, and is reached by nobody else.
 */
export const defineSocketProxy = (
  image: ComposeService['image'],
  { mode, placement }: Pick<Deploy, 'mode' | 'placement'>,
): ComposeService => ({
  image,
  // The socket of a task that was killed is still in the volume.
  command: [
    '/bin/sh',
    '-c',
    "rm -f /proxy/docker.sock && exec nginx -c /etc/nginx/socket.conf -g 'daemon off;'",
  ],
  user: '0:0',
  read_only: true,
  cap_drop: ['ALL'],
  // To open Docker's socket it stays root, without the other rights of root.
  cap_add: ['SETGID', 'SETUID'],
  networks: ['socket'],
  configs: [{ source: 'socket', target: '/etc/nginx/socket.conf' }],
  volumes: [
    socketVolume,
    { type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock' },
    { type: 'tmpfs', target: '/tmp' },
  ],
  // Debian's image has curl, Alpine's wget.
  healthcheck: {
    test: [
      'CMD-SHELL',
      [
        'if command -v curl >/dev/null; then curl -fsS -m 9 http://127.0.0.1:8081/_ping',
        'else wget -q -T 9 -O - http://127.0.0.1:8081/_ping; fi',
      ].join('; '),
    ],
    interval: '5s',
    timeout: '10s',
    retries: 6,
    start_period: '10s',
  },
  deploy: {
    endpoint_mode: 'dnsrr',
    ...(mode === undefined ? {} : { mode }),
    ...(placement === undefined ? {} : { placement }),
    resources: { limits: { memory: '64M' } },
    update_config: { order: 'stop-first', monitor: '10s', failure_action: 'rollback' },
  },
})

/** What the proxy is asked for. `ID` is a container's name or id. */
export type SocketPath = `/${string}`

/**
 * Renders the proxy's configuration for nginx: GET and HEAD of these paths of Docker's API,
 * compared
 * as they were sent, so that nothing that is decoded or resolved later can pass. All else is
 * answered with 403, and logged.
 */
export const renderSocketProxy = (paths: readonly SocketPath[]): string =>
  `# Only what is listed here passes to Docker.
worker_processes 1;
user root;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events { worker_connections 512; }

http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(kind => `${kind}_temp_path /tmp/${kind};`)
    .join('\n  ')}
  log_format refused 'refused: $request_method $request_uri';
  client_max_body_size 1;

  map "$request_method $request_uri" $refused {
    default 1;
${(['/_ping', '/version', ...paths] as const).map(it => `    ${allowPath(it)} 0;\n`).join('')}  }

  server {
    listen unix:/proxy/docker.sock;
    # For the health check: nobody else is on this network.
    listen 127.0.0.1:8081;
    access_log /dev/stderr refused if=$refused;
    if ($refused) { return 403; }
    location / {
      proxy_pass http://unix:/var/run/docker.sock;
      proxy_http_version 1.1;
      proxy_set_header Host docker;
      proxy_set_header Connection '';
      proxy_pass_request_body off;
      proxy_set_header Content-Length '';
      # Logs are followed for hours.
      proxy_buffering off;
      proxy_read_timeout 12h;
    }
  }
}
`

const allowPath = (path: SocketPath): string =>
  `"~^(GET|HEAD) (/v1\\.[0-9]+)?${path.replace('ID', '[A-Za-z0-9][A-Za-z0-9_.-]*')}(\\?|$)"`
