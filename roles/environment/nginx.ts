import type { ComposeService } from '../../lib/compose/compose.ts'
import { buildRouteLabels } from '../../lib/compose/routing.ts'
import {
  checkHealth,
  limitResources,
  makeLabels,
  nameNetwork,
  placeOnNode,
  rolling,
} from './compose-parts.ts'
import type { EnvironmentOptions } from './options.ts'

/** The web server. The only service that Traefik reaches. */
export const defineNginx = (env: EnvironmentOptions): ComposeService => ({
  image: env.images.nginx,
  command: ['/bin/sh', '/brd/linger', 'QUIT', 'nginx', '-g', 'daemon off;'],
  environment: { TZ: env.timezone },
  labels: makeLabels(env, 'nginx'),
  networks: [nameNetwork(env.name), env.proxy],
  configs: [
    { source: 'linger', target: '/brd/linger' },
    { source: 'nginx', target: '/etc/nginx/nginx.conf' },
  ],
  // Its own port, which no router knows. Debian's image has curl, Alpine's wget.
  healthcheck: checkHealth(
    [
      'CMD-SHELL',
      [
        'if command -v curl >/dev/null; then curl -fsS -m 9 http://127.0.0.1:8081/',
        'else wget -q -T 9 -O - http://127.0.0.1:8081/; fi',
      ].join('; '),
    ],
    '10s',
  ),
  // The image's own signal is QUIT, which closes the port immediately.
  stop_signal: 'SIGTERM',
  stop_grace_period: `${env.timeout + 15}s`,
  deploy: {
    // Traefik sends to the tasks by their addresses, whatever this says; dnsrr needs no IPVS.
    endpoint_mode: 'dnsrr',
    replicas: env.services.nginx.replicas ?? 1,
    labels: buildRouteLabels({
      name: `${env.name}-nginx`,
      host: env.hosts,
      port: 80,
      network: env.proxy,
      retries: 3,
    }),
    placement: placeOnNode(env),
    resources: limitResources(env.services.nginx),
    ...rolling,
  },
})

/**
 * nginx's configuration: every path goes to the front controller, unless the image holds a file of
 * that name below /app/public.
 */
export const renderNginxConfig = ({
  hosts,
  pool,
  uploads,
  timeout,
}: EnvironmentOptions): string => `user nginx;
worker_processes 2;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events { worker_connections 1024; }

http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  server_tokens off;
  sendfile on;
  gzip on;
  gzip_proxied any;
  gzip_types text/css text/plain application/javascript application/json image/svg+xml;

  # The client is who Traefik says it is; nobody else can be on that network.
  set_real_ip_from ${pool};
  real_ip_header X-Forwarded-For;
  real_ip_recursive on;
  map $http_x_forwarded_proto $https_on { default ''; https on; }

  log_format json escape=json '{"time":"$time_iso8601","client":"$remote_addr","host":"$host","method":"$request_method","uri":"$request_uri",'
    '"status":$status,"bytes":$body_bytes_sent,"seconds":$request_time,"php_seconds":"$upstream_response_time","php":"$upstream_addr",'
    '"agent":"$http_user_agent","referer":"$http_referer"}';
  access_log /dev/stdout json;

  client_max_body_size ${uploads}m;
  client_body_timeout 600s;
  # Longer than Traefik keeps an idle connection (90 s): it must not use one that is being closed.
  keepalive_timeout 120s;

  # Names are asked again: tasks of php come and go.
  resolver 127.0.0.11 valid=2s ipv6=off;
  resolver_timeout 3s;

  server {
    listen 127.0.0.1:8081;
    access_log off;
    return 200 'well\\n';
  }

  # A host name that is not this environment's is not answered for.
  server {
    listen 80 default_server;
    return 421;
  }

  server {
    listen 80;
    server_name ${hosts.join(' ')};
    root /app/public;

    # Files that begin with a dot (.env, .git) are nobody's business.
    location ~ /\\.(?!well-known/) { return 404; }
    location = /index.php { try_files /nothing @app; }
    # No other script is run, or shown as text.
    location ~ \\.(php|phar|phtml)(/|$) { return 404; }
    location / { try_files $uri @app; }

    location @app {
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME /app/public/index.php;
      fastcgi_param SCRIPT_NAME /index.php;
      fastcgi_param DOCUMENT_ROOT /app/public;
      fastcgi_param HTTPS $https_on if_not_empty;
      # A header named Proxy must not become PHP's proxy.
      fastcgi_param HTTP_PROXY '';
      fastcgi_connect_timeout 2s;
      fastcgi_send_timeout 60s;
      fastcgi_read_timeout ${timeout}s;
      # If a task takes no connection, another is asked. A received request is not repeated.
      fastcgi_next_upstream error timeout;
      fastcgi_next_upstream_tries 3;
      fastcgi_buffers 16 16k;
      set $php php:9000;
      fastcgi_pass $php;
    }
  }
}
`
