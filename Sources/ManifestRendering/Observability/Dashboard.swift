import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The agent's Grafana dashboard, as its JSON model. The same input gives the same bytes.
struct Dashboard {
  let monitoring: Monitoring

  /// The version of the model that the panels are written in: Grafana 10 and later read it as it is.
  private static let schemaVersion = 39

  var json: JSONValue {
    let series = monitoring.series
    var grid = DashboardGrid()
    for row in DashboardRows(monitoring: monitoring).rows { grid.add(row) }
    return [
      "uid": .string(uid), "title": .string("Agent \(series.namespace)/\(series.agent)"),
      "description": .string(
        "Made by agent-operator from AgentDeployment \(series.namespace)/\(series.agent)."),
      "tags": ["agents", .string(monitoring.spec.protocol.rawValue.lowercased())],
      "schemaVersion": JSONValue(Self.schemaVersion), "editable": false, "graphTooltip": 1,
      // Document 004: every 30 seconds.
      "refresh": "30s", "time": ["from": "now-1h", "to": "now"], "timezone": "browser",
      "templating": [
        "list": [
          [
            "name": "datasource", "label": "Data source", "type": "datasource",
            "query": "prometheus", "hide": 0, "includeAll": false, "multi": false,
          ]
        ]
      ],
      "annotations": ["list": [firingAlerts]],
      "panels": .array(grid.panels),
    ]
  }

  private var firingAlerts: JSONValue {
    let series = monitoring.series
    let selector =
      "agent=\"\(series.agent)\",namespace=\"\(series.namespace)\",alertstate=\"firing\""
    return [
      "name": "Alerts", "datasource": DashboardGrid.datasource, "enable": true, "iconColor": "red",
      "expr": .string("ALERTS{\(selector)}"), "titleFormat": "{{alertname}}",
      "textFormat": "{{severity}} {{revision}}", "step": "60s",
    ]
  }

  /// Stable, unique for the agent, and within Grafana's 40 characters.
  var uid: String {
    let name = "\(monitoring.series.namespace)/\(monitoring.series.agent)"
    return "agent-" + String(SHA256.hexDigest(of: Array(name.utf8)).prefix(20))
  }
}

extension ManifestBuilder {
  /// For Grafana's sidecar, which loads ConfigMaps with this label.
  func dashboardConfigMap() -> RenderedObject {
    // The sidecar keeps the files of all namespaces in one folder.
    let file = "\(names.namespace)-\(names.agent).json"
    return monitored(
      .configMaps, name: names.dashboard, labels: ["grafana_dashboard": "1"],
      isOptionalKind: false, [("data", [file: .string(dashboardText)])])
  }

  /// For the Grafana operator: shown by every Grafana that it runs.
  func grafanaDashboard() -> RenderedObject {
    monitored(
      .grafanaDashboards,
      [
        (
          "spec",
          [
            "allowCrossNamespaceImport": true, "instanceSelector": [:],
            "json": .string(dashboardText),
          ]
        )
      ])
  }

  private var dashboardText: String { Dashboard(monitoring: monitoring).json.serialized() }
}
