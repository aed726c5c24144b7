import JSON

/// HorizontalPodAutoscalers as autoscaling/v1 shows them: of the metrics only the CPU's utilization
/// has a field; everything else that is newer travels in annotations.
///
/// As `pkg/apis/autoscaling/v1/conversion.go`, but for what the annotations hold: here the lists of
/// autoscaling/v2 as they are, there an older form of them.
enum AutoscalerConversion {
  private static let prefix = "autoscaling.alpha.kubernetes.io/"

  static func toV1(_ v2: JSONValue) -> JSONValue {
    var object = v2
    object["apiVersion"] = "autoscaling/v1"
    var metrics = v2["spec"]?["metrics"]?.array ?? []
    if let i = metrics.firstIndex(where: { cpuUtilization(ofMetric: $0) != nil }) {
      object["spec"]?["targetCPUUtilizationPercentage"] = cpuUtilization(ofMetric: metrics[i])
      metrics.remove(at: i)
    }
    object["spec"]?["metrics"] = nil
    store(metrics.isEmpty ? nil : .array(metrics), "metrics", in: &object)
    store(v2["spec"]?["behavior"], "behavior", in: &object)
    object["spec"]?["behavior"] = nil
    guard let status = v2["status"] else { return object }
    let current = status["currentMetrics"]?.array ?? []
    if let cpu = current.lazy.compactMap({ $0["resource"] }).first(where: { $0["name"] == "cpu" }) {
      object["status"]?["currentCPUUtilizationPercentage"] = cpu["current"]?["averageUtilization"]
    }
    store(current.isEmpty ? nil : .array(current), "current-metrics", in: &object)
    store(status["conditions"], "conditions", in: &object)
    object["status"]?["currentMetrics"] = nil
    object["status"]?["conditions"] = nil
    if status["currentReplicas"] == nil { object["status"]?["currentReplicas"] = 0 }
    return object
  }

  static func toV2(_ v1: JSONValue) -> JSONValue {
    var object = v1
    object["apiVersion"] = "autoscaling/v2"
    var metrics = take("metrics", from: &object)?.array ?? []
    if let percentage = v1["spec"]?["targetCPUUtilizationPercentage"], !percentage.isNull {
      metrics.insert(cpuMetric(percentage), at: 0)
    }
    object["spec"]?["targetCPUUtilizationPercentage"] = nil
    // What autoscaling/v2 takes for granted when nothing is said.
    object["spec"]?["metrics"] = .array(metrics.isEmpty ? [cpuMetric(80)] : metrics)
    if let behavior = take("behavior", from: &object) { object["spec"]?["behavior"] = behavior }
    let current = take("current-metrics", from: &object)
    let conditions = take("conditions", from: &object)
    guard object["status"] != nil else { return object }
    object["status"]?["currentCPUUtilizationPercentage"] = nil
    object["status"]?["currentMetrics"] = current ?? .null
    if let conditions { object["status"]?["conditions"] = conditions }
    if object["status"]?["currentReplicas"] == 0 { object["status"]?["currentReplicas"] = nil }
    return object
  }

  private static func cpuMetric(_ percentage: JSONValue) -> JSONValue {
    [
      "type": "Resource",
      "resource": [
        "name": "cpu", "target": ["type": "Utilization", "averageUtilization": percentage],
      ],
    ]
  }

  private static func cpuUtilization(ofMetric metric: JSONValue) -> JSONValue? {
    guard metric["resource"]?["name"] == "cpu" else { return nil }
    return metric["resource"]?["target"]?["averageUtilization"]
  }

  private static func store(_ value: JSONValue?, _ name: String, in object: inout JSONValue) {
    guard let value, !value.isNull else { return }
    if object["metadata"]?["annotations"]?.object == nil {
      object["metadata"]?["annotations"] = [:]
    }
    object["metadata"]?["annotations"]?[prefix + name] = .string(value.serialized())
  }

  private static func take(_ name: String, from object: inout JSONValue) -> JSONValue? {
    guard let text = object["metadata"]?["annotations"]?[prefix + name]?.string else { return nil }
    object["metadata"]?["annotations"]?[prefix + name] = nil
    if object["metadata"]?["annotations"]?.object?.isEmpty == true {
      object["metadata"]?["annotations"] = nil
    }
    return try? JSONValue(parsing: text)
  }
}
