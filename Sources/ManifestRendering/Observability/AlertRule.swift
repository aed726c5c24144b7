import JSON
import KubernetesAPI

/// How urgent an alert is: a warning wants a look in working hours, a critical one wakes somebody.
enum Severity: String, Sendable { case warning, critical }

/// One alerting rule.
struct AlertRule: Sendable {
  var name: String
  var severity: Severity
  var expression: PrometheusQuery
  /// How long it has to hold; nil: it fires at once.
  var duration: KubernetesDuration?
  var labels: [String: String] = [:]
  /// One line; a Prometheus template.
  var summary: String
  /// What it means and what to look at first; a Prometheus template.
  var description: String
}

/// A series that Prometheus keeps of an expression.
struct RecordingRule: Sendable {
  var record: String
  var expression: PrometheusQuery
  var labels: [String: String] = [:]
}

/// Rules that are evaluated together, in order.
struct RuleGroup: Sendable {
  enum Rule: Sendable {
    case alert(AlertRule)
    case record(RecordingRule)

    var expression: PrometheusQuery {
      switch self {
      case .alert(let rule): rule.expression
      case .record(let rule): rule.expression
      }
    }
  }

  var name: String
  /// Nil: Prometheus' own.
  var interval: KubernetesDuration?
  var rules: [Rule]
}

/// Rules as Prometheus and the PrometheusRule's definition write them.
struct RuleFormat {
  let agent: String
  let namespace: String
  /// Of every alert, beside its own.
  let labels: [String: String]
  /// Alerts' names are appended; nil: no `runbook_url`, for none is known.
  let runbooks: String?

  func json(_ group: RuleGroup) -> JSONValue {
    var json: JSONValue = ["name": .string(group.name)]
    if let interval = group.interval { json["interval"] = .string(interval.description) }
    json["rules"] = .array(group.rules.map(json(_:)))
    return json
  }

  private func json(_ rule: RuleGroup.Rule) -> JSONValue {
    switch rule {
    case .alert(let alert):
      var json: JSONValue = [
        "alert": .string(alert.name), "expr": .string(alert.expression.description),
      ]
      if let duration = alert.duration { json["for"] = .string(duration.description) }
      var all = labels.merging(alert.labels) { _, own in own }
      all["severity"] = alert.severity.rawValue
      json["labels"] = JSONValue(identified(all))
      var annotations = ["summary": alert.summary, "description": alert.description]
      if let runbooks {
        let base = runbooks.hasSuffix("/") ? String(runbooks.dropLast()) : runbooks
        annotations["runbook_url"] = "\(base)/\(alert.name)"
      }
      json["annotations"] = JSONValue(annotations)
      return json
    case .record(let recording):
      return [
        "record": .string(recording.record), "expr": .string(recording.expression.description),
        "labels": JSONValue(identified(recording.labels)),
      ]
    }
  }

  /// Which agent it is about; the revision, where there is one, comes from the expression.
  private func identified(_ labels: [String: String]) -> [String: String] {
    labels.merging(["agent": agent, "namespace": namespace]) { _, own in own }
  }
}
