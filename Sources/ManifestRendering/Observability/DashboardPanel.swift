import JSON

/// One panel of a Grafana dashboard
/// (https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/).
struct DashboardPanel: Sendable {
  enum Kind: Sendable {
    case gauge
    case stat
    /// Lines over time, or bars.
    case timeSeries(isBars: Bool, isStacked: Bool)
  }

  struct Query: Sendable {
    var expression: PrometheusQuery
    /// Grafana's legend template: `{{revision}}`.
    var legend: String
  }

  struct Threshold: Sendable {
    var color: String
    /// A decimal number.
    var from: String
  }

  var title: String
  var description: String
  var kind: Kind
  /// Of the grid's 24 columns.
  var width: Int
  var unit: String
  var queries: [Query]
  /// Below the first threshold.
  var color = "green"
  var thresholds: [Threshold] = []
  /// A scale from 0 to 1 for parts of a whole.
  var isRatio = false
  /// Look back this far whatever the dashboard's range is.
  var timeRange: String?
}

/// Panels under one heading.
struct DashboardRow: Sendable {
  var title: String
  var panels: [DashboardPanel]
}

/// Places panels and numbers them.
struct DashboardGrid {
  private static let columns = 24
  private static let panelHeight = 8

  private(set) var panels: [JSONValue] = []
  private var nextID = 1
  private var y = 0

  mutating func add(_ row: DashboardRow) {
    guard !row.panels.isEmpty else { return }
    panels.append([
      "id": JSONValue(nextID), "type": "row", "title": .string(row.title), "collapsed": false,
      "panels": [], "gridPos": Self.position(x: 0, y: y, width: Self.columns, height: 1),
    ])
    nextID += 1
    y += 1
    var x = 0
    for panel in row.panels {
      if x + panel.width > Self.columns {
        x = 0
        y += Self.panelHeight
      }
      panels.append(
        json(
          panel,
          at: Self.position(x: x, y: y, width: panel.width, height: Self.panelHeight)))
      nextID += 1
      x += panel.width
    }
    y += Self.panelHeight
  }

  private static func position(x: Int, y: Int, width: Int, height: Int) -> JSONValue {
    ["h": JSONValue(height), "w": JSONValue(width), "x": JSONValue(x), "y": JSONValue(y)]
  }

  static let datasource: JSONValue = ["type": "prometheus", "uid": "${datasource}"]

  private func json(_ panel: DashboardPanel, at position: JSONValue) -> JSONValue {
    var json: JSONValue = [
      "id": JSONValue(nextID), "type": .string(panel.kind.type), "title": .string(panel.title),
      "description": .string(panel.description), "datasource": Self.datasource,
      "gridPos": position, "options": panel.kind.options,
      "fieldConfig": ["defaults": defaults(panel), "overrides": []],
    ]
    json["targets"] = .array(
      panel.queries.enumerated().map { i, query in
        [
          "refId": .string(Self.referenceID(i)), "datasource": Self.datasource,
          "expr": .string(query.expression.description), "legendFormat": .string(query.legend),
        ]
      })
    if let range = panel.timeRange { json["timeFrom"] = .string(range) }
    return json
  }

  /// A, B, C ...
  private static func referenceID(_ i: Int) -> String {
    String(UnicodeScalar(UInt8(ascii: "A") + UInt8(i % 26)))
  }

  private func defaults(_ panel: DashboardPanel) -> JSONValue {
    var defaults: JSONValue = ["unit": .string(panel.unit)]
    if panel.isRatio {
      defaults["min"] = 0
      defaults["max"] = 1
    }
    var steps: [JSONValue] = [["color": .string(panel.color), "value": .null]]
    steps += panel.thresholds.map { ["color": .string($0.color), "value": number($0.from)] }
    defaults["thresholds"] = ["mode": "absolute", "steps": .array(steps)]
    if case .timeSeries(let isBars, let isStacked) = panel.kind {
      defaults["custom"] = [
        "drawStyle": isBars ? "bars" : "line", "fillOpacity": isBars ? 60 : 10, "lineWidth": 1,
        "showPoints": "never", "spanNulls": false,
        "stacking": ["mode": isStacked ? "normal" : "none", "group": "A"],
        "thresholdsStyle": ["mode": panel.thresholds.isEmpty ? "off" : "line"],
      ]
    }
    return defaults
  }

  private func number(_ decimal: String) -> JSONValue {
    Int(decimal).map { JSONValue($0) } ?? .double(Double(decimal) ?? 0)
  }
}

extension DashboardPanel.Kind {
  var type: String {
    switch self {
    case .gauge: "gauge"
    case .stat: "stat"
    case .timeSeries: "timeseries"
    }
  }

  var options: JSONValue {
    let last: JSONValue = ["calcs": ["lastNotNull"], "fields": "", "values": false]
    switch self {
    case .gauge: return ["reduceOptions": last, "showThresholdMarkers": true]
    case .stat: return ["reduceOptions": last, "colorMode": "value", "graphMode": "area"]
    case .timeSeries:
      return [
        "legend": ["displayMode": "list", "placement": "bottom", "showLegend": true],
        "tooltip": ["mode": "multi", "sort": "desc"],
      ]
    }
  }
}
