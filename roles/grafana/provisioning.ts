/**
 * Loki, under a fixed uid that the dashboards name. Grafana reads `$` in these files as a variable,
 * so they have no `$`.
 */
export const datasources = `apiVersion: 1
datasources:
  - name: Loki
    uid: loki
    type: loki
    access: proxy
    url: http://loki:3100
    isDefault: true
    editable: false
    jsonData: { maxLines: 1000 }
`

/** The dashboards of this repository, which are changed here and not in Grafana. */
export const dashboards = `apiVersion: 1
providers:
  - name: brd
    folder: BRD
    type: file
    allowUiUpdates: false
    disableDeletion: true
    options: { path: /etc/grafana/dashboards }
  - name: environments
    folder: Environments
    type: file
    allowUiUpdates: false
    updateIntervalSeconds: 30
    options: { path: /etc/grafana/environments }
`
