import { READ_ONLY_SOCKET } from '../../lib/compose/read-only-socket.ts'

/** Loki as one process on a file system, forgetting what is older than so many days. */
export const renderLokiConfig = (days: number): string => `auth_enabled: false
server: { http_listen_port: 3100, grpc_listen_port: 9095, log_level: warn }
common:
  path_prefix: /loki
  replication_factor: 1
  # One process speaks to itself: which of the networks' addresses it has does not matter.
  instance_addr: 127.0.0.1
  ring: { kvstore: { store: inmemory } }
  storage: { filesystem: { chunks_directory: /loki/chunks, rules_directory: /loki/rules } }
schema_config:
  # Never changed: another store is one more entry, from a day to come.
  configs:
    - from: '2024-01-01'
      store: tsdb
      object_store: filesystem
      schema: v13
      index: { prefix: index_, period: 24h }
compactor:
  working_directory: /loki/compactor
  retention_enabled: true
  delete_request_store: filesystem
limits_config:
  retention_period: ${days * 24}h
  ingestion_rate_mb: 8
  ingestion_burst_size_mb: 16
  volume_enabled: true
analytics: { reporting_enabled: false }
`

/** Alloy reads every container's log from Docker and says where it came from. */
export const alloyConfig = `logging {
  level = "warn"
}
discovery.docker "containers" {
  host             = "${READ_ONLY_SOCKET}"
  refresh_interval = "5s"
}
discovery.relabel "containers" {
  targets = discovery.docker.containers.targets
  rule {
    source_labels = ["__meta_docker_container_label_com_docker_stack_namespace"]
    target_label  = "stack"
  }
  rule {
    source_labels = ["__meta_docker_container_label_com_docker_swarm_service_name"]
    target_label  = "service_name"
  }
  rule {
    source_labels = ["__meta_docker_container_label_brd_environment"]
    target_label  = "environment"
  }
  rule {
    source_labels = ["__meta_docker_container_label_brd_service"]
    target_label  = "service"
  }
  rule {
    source_labels = ["__meta_docker_container_name"]
    regex         = "/(.*)"
    target_label  = "container"
  }
  rule {
    target_label = "node"
    replacement  = sys.env("NODE_NAME")
  }
}
loki.source.docker "containers" {
  host             = "${READ_ONLY_SOCKET}"
  targets          = discovery.relabel.containers.output
  refresh_interval = "5s"
  forward_to       = [loki.write.loki.receiver]
}
loki.write "loki" {
  endpoint {
    url = "http://loki:3100/loki/api/v1/push"
  }
}
`
