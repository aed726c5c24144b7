import JSON
import KubernetesAPI

/// Validation of workloads, autoscalers and disruption budgets.
enum WorkloadValidation {
  static func workload(_ spec: JSONValue, _ kind: String, _ causes: inout [FieldCause]) {
    notNegative(spec, ["replicas", "minReadySeconds", "revisionHistoryLimit"], "spec", &causes)
    let template = spec["template"] ?? [:]
    let labels = template[path: "metadata", "labels"]
    if let selector = spec["selector"], !selector.isNull {
      if selector.object?.isEmpty == true {
        causes.append(
          .invalid(
            "spec.selector", "{}", "empty selector is invalid for \(kind.lowercased())"))
      }
      checkSelector(selector, "spec.selector", &causes)
    } else {
      causes.append(.required("spec.selector"))
    }
    if !matches(spec["selector"], labels) {
      causes.append(
        .invalid(
          "spec.template.metadata.labels", labels?.serialized() ?? "null",
          "`selector` does not match template `labels`"))
    }
    causes += MetadataValidation.labels(labels, "spec.template.labels")
    var pod = template["spec"] ?? [:]
    let claims = spec["volumeClaimTemplates"]?.array ?? []
    if kind == "StatefulSet", !claims.isEmpty {
      // A StatefulSet's claims are volumes of its pods, which its template does not list.
      let volumes = claims.compactMap { $0[path: "metadata", "name"] }.map { name -> JSONValue in
        ["name": name, "emptyDir": [:]]
      }
      pod["volumes"] = .array((pod["volumes"]?.array ?? []) + volumes)
    }
    PodValidation.spec(pod, "spec.template.spec", &causes)
    if let policy = template[path: "spec", "restartPolicy"]?.string, policy != "Always",
      ["OnFailure", "Never"].contains(policy)
    {
      causes.append(
        .notSupported(
          "spec.template.spec.restartPolicy", "\"\(policy)\"", ["\"Always\""]))
    }
    if kind == "Deployment" { strategy(spec, &causes) }
  }

  private static func strategy(_ spec: JSONValue, _ causes: inout [FieldCause]) {
    let strategy = spec["strategy"] ?? [:]
    PodValidation.oneOf(
      strategy["type"], ["Recreate", "RollingUpdate"], "spec.strategy.type", &causes)
    if strategy["type"] == "Recreate", strategy["rollingUpdate"] != nil {
      causes.append(
        .forbidden(
          "spec.strategy.rollingUpdate",
          "may not be specified when strategy `type` is 'Recreate'"))
    }
    if let rolling = strategy["rollingUpdate"] {
      func isZero(_ value: JSONValue?) -> Bool { value == 0 || value == "0%" }
      if isZero(rolling["maxUnavailable"]) && isZero(rolling["maxSurge"]) {
        causes.append(
          .invalid(
            "spec.strategy.rollingUpdate.maxUnavailable",
            (rolling["maxUnavailable"] ?? 0).serialized(),
            "may not be 0 when `maxSurge` is 0"))
      }
    }
    if let deadline = spec["progressDeadlineSeconds"]?.int {
      notNegative(spec, ["progressDeadlineSeconds"], "spec", &causes)
      let ready = spec["minReadySeconds"]?.int ?? 0
      if deadline <= ready {
        causes.append(
          .invalid(
            "spec.progressDeadlineSeconds", String(deadline), "must be greater than minReadySeconds"
          ))
      }
    }
  }

  static func notNegative(
    _ value: JSONValue, _ keys: [String], _ path: String, _ causes: inout [FieldCause]
  ) {
    for key in keys {
      if let number = value[key]?.int, number < 0 {
        causes.append(
          .invalid("\(path).\(key)", String(number), "must be greater than or equal to 0"))
      }
    }
  }

  static func checkSelector(
    _ selector: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    causes += MetadataValidation.labels(selector["matchLabels"], "\(path).matchLabels")
    for (position, term) in (selector["matchExpressions"]?.array ?? []).enumerated() {
      let at = "\(path).matchExpressions[\(position)]"
      let values = term["values"]?.array ?? []
      switch term["operator"]?.string ?? "" {
      case "In", "NotIn":
        if values.isEmpty {
          causes.append(
            .required("\(at).values", "must be specified when `operator` is 'In' or 'NotIn'"))
        }
      case "Exists", "DoesNotExist":
        if !values.isEmpty {
          causes.append(
            .forbidden(
              "\(at).values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
        }
      case let other:
        causes.append(.invalid("\(at).operator", "\"\(other)\"", "not a valid selector operator"))
      }
    }
  }

  /// A selector that is missing or empty matches nothing here.
  private static func matches(_ selector: JSONValue?, _ labels: JSONValue?) -> Bool {
    guard let selector, selector.object?.isEmpty == false,
      let parsed = try? LabelSelector(selector)
    else { return false }
    var texts: [String: String] = [:]
    for (key, value) in labels?.object ?? [:] { texts[key] = value.string }
    return parsed.matches(texts)
  }

  static func job(_ spec: JSONValue, _ path: String, _ causes: inout [FieldCause]) {
    notNegative(
      spec,
      [
        "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
        "ttlSecondsAfterFinished",
      ], path, &causes)
    let at = "\(path).template.spec"
    let pod = spec[path: "template", "spec"] ?? [:]
    PodValidation.spec(pod, at, &causes)
    let policy = pod["restartPolicy"]?.string ?? ""
    if policy == "Always" || policy.isEmpty {
      causes.append(
        .required("\(at).restartPolicy", "valid values: \"OnFailure\", \"Never\""))
    }
  }

  static func cronJob(_ spec: JSONValue, _ causes: inout [FieldCause]) {
    let schedule = spec["schedule"]?.string ?? ""
    let fields = schedule.split(whereSeparator: \.isWhitespace).filter {
      !$0.hasPrefix("TZ=") && !$0.hasPrefix("CRON_TZ=")
    }
    if schedule.isEmpty {
      causes.append(.required("spec.schedule"))
    } else if fields.count != 5, !schedule.hasPrefix("@") {
      causes.append(
        .invalid(
          "spec.schedule", JSONValue.string(schedule).serialized(),
          "expected exactly 5 fields, found \(fields.count): [\(fields.joined(separator: " "))]"))
    }
    PodValidation.oneOf(
      spec["concurrencyPolicy"], ["Allow", "Forbid", "Replace"], "spec.concurrencyPolicy", &causes)
    notNegative(
      spec,
      ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"], "spec",
      &causes)
    job(spec[path: "jobTemplate", "spec"] ?? [:], "spec.jobTemplate.spec", &causes)
  }

  static func autoscaler(_ spec: JSONValue, _ causes: inout [FieldCause]) {
    let minimum = spec["minReplicas"]?.int
    let maximum = spec["maxReplicas"]?.int ?? 0
    if let minimum, minimum < 1 {
      causes.append(
        .invalid(
          "spec.minReplicas", String(minimum), "must be greater than or equal to 1"))
    }
    if maximum < 1 {
      causes.append(.invalid("spec.maxReplicas", String(maximum), "must be greater than 0"))
    } else if let minimum, maximum < minimum {
      causes.append(
        .invalid(
          "spec.maxReplicas", String(maximum), "must be greater than or equal to `minReplicas`"))
    }
    for key in ["kind", "name"]
    where spec[path: "scaleTargetRef", key]?.string?.isEmpty != false {
      causes.append(.required("spec.scaleTargetRef.\(key)"))
    }
    for (position, metric) in (spec["metrics"]?.array ?? []).enumerated() {
      Self.metric(metric, "spec.metrics[\(position)]", &causes)
    }
  }

  private static func metric(
    _ metric: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    let types = [
      "Resource": "resource", "ContainerResource": "containerResource", "Pods": "pods",
      "Object": "object", "External": "external",
    ]
    guard let type = metric["type"]?.string, let field = types[type] else {
      causes.append(
        .notSupported(
          "\(path).type", (metric["type"] ?? "").serialized(),
          types.keys.sorted().map { "\"\($0)\"" }))
      return
    }
    guard let source = metric[field] else {
      causes.append(
        .required(
          "\(path).\(field)", "must populate information for the given metric source"))
      return
    }
    let target = source["target"] ?? [:]
    let at = "\(path).\(field).target"
    PodValidation.oneOf(
      target["type"], ["AverageValue", "Utilization", "Value"], "\(at).type", &causes)
    switch field {
    case "resource", "containerResource":
      if source["name"]?.string?.isEmpty != false {
        causes.append(.required("\(path).\(field).name", "must specify a resource name"))
      }
      if target["averageUtilization"] == nil, target["averageValue"] == nil {
        causes.append(
          .required(
            "\(at).averageUtilization", "must set either a target raw value or a target utilization"
          ))
      }
    case "pods":
      if target["averageValue"] == nil {
        causes.append(
          .required("\(at).averageValue", "must specify a positive target averageValue"))
      }
    default:
      if target["value"] == nil, target["averageValue"] == nil {
        causes.append(
          .required(
            "\(at).averageValue", "must set either a target value or averageValue"))
      }
    }
  }

  static func disruptionBudget(_ spec: JSONValue, _ causes: inout [FieldCause]) {
    if spec["minAvailable"] != nil, spec["maxUnavailable"] != nil {
      // As the internal structure is written.
      let shown: JSONValue = [
        "MinAvailable": spec["minAvailable"] ?? .null, "Selector": spec["selector"] ?? .null,
        "MaxUnavailable": spec["maxUnavailable"] ?? .null,
        "UnhealthyPodEvictionPolicy": spec["unhealthyPodEvictionPolicy"] ?? .null,
      ]
      causes.append(
        .invalid(
          "spec", shown.serialized(), "minAvailable and maxUnavailable cannot be both set"))
    }
    for key in ["minAvailable", "maxUnavailable"] {
      guard let value = spec[key] else { continue }
      if let number = value.int, number < 0 {
        causes.append(
          .invalid("spec.\(key)", String(number), "must be greater than or equal to 0"))
      }
      if let text = value.string {
        let digits = text.dropLast()
        if text.last != "%" || Int(digits) == nil || digits.isEmpty {
          causes.append(
            .invalid(
              "spec.\(key)", value.serialized(),
              "a valid percent string must be a numeric string followed by an ending '%' (e.g. "
                + "'1%',  or '93%', regex used for validation is '[0-9]+%')"))
        } else if let percent = Int(digits), percent > 100 {
          causes.append(
            .invalid("spec.\(key)", value.serialized(), "must not be greater than 100%"))
        }
      }
    }
    if let selector = spec["selector"] { checkSelector(selector, "spec.selector", &causes) }
  }
}
