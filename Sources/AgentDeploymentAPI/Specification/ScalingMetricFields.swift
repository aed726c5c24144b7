import JSON
import KubernetesAPI

/// `spec.scaling.metrics`.
enum ScalingMetricFields {
  static let list: FieldSchema = .list(
    "What the number of pods follows; the metric that asks for most wins. Default: CPU at 70.",
    of: .object("One metric.", rules: [named, sized, queued, selected], fields), max: 6,
    rules: [
      FieldRule(
        "self.all(a, has(a.trigger) || self.exists_one(b, b.type == a.type && !has(b.trigger) "
          + "&& has(b.metric) == has(a.metric) && (!has(b.metric) || b.metric == a.metric)))",
        "each metric may stand only once", reason: .duplicate
      ) { metrics in
        let names = (metrics.array ?? []).filter { !$0.has("trigger") }
          .map { [$0["type"], $0["metric"]] }
        return Set(names).count == names.count
      }
    ])

  private static let fields: [FieldSchema.Field] = [
    .required(
      "type",
      .enumeration(
        "CPU and Memory: use in percent of the request. ActiveWork: the average of a metric of the "
          + "pods. Requests: requests per second and pod. Queue: what waits, for each pod.",
        Scaling.Metric.Kind.self)),
    .required(
      "target",
      .string("To be held, as a decimal string.", length: 1...14, matching: .decimal)),
    .optional(
      "metric",
      .string(
        "ActiveWork: name of the pods' metric, for example active_workflows. Requests: the pods' "
          + "metric that already is a rate; default: istio_requests_per_second behind a mesh, else "
          + "http_requests_per_second, and what KEDA reads in Prometheus needs none. Queue: an "
          + "external metric, instead of a trigger.",
        length: 1...200,
        matching: Pattern(
          "^[a-zA-Z_:][a-zA-Z0-9_:.-]*$", "a metric name such as active_workflows"))),
    .optional(
      "selector",
      .map(
        "Labels of the external metric of a Queue.",
        of: .string("The value.", length: 0...63), max: 10)),
    .optional("trigger", trigger),
  ]

  // MARK: Rules of one metric

  private static let named = FieldRule(
    "self.type == 'ActiveWork' ? has(self.metric) "
      + ": !(self.type in ['CPU', 'Memory']) || !has(self.metric)",
    "metric is needed with ActiveWork, and there is none of CPU and Memory", at: "metric"
  ) { metric in
    switch metric["type"] {
    case "ActiveWork": metric.has("metric")
    case "CPU", "Memory": !metric.has("metric")
    default: true
    }
  }

  private static let sized = FieldRule(
    "self.type in ['CPU', 'Memory'] ? self.target.matches('^[1-9][0-9]{0,2}$') "
      + ": double(self.target) > 0.0",
    "must be a whole percentage from 1 to 999 for CPU and Memory, more than 0 for others",
    at: "target"
  ) { metric in
    let target = metric["target"]?.string ?? ""
    if metric["type"] == "CPU" || metric["type"] == "Memory" {
      return wholePercentage.matches(target)
    }
    return DecimalString(target).map { $0.tenThousandths > 0 } ?? false
  }

  private static let queued = FieldRule(
    "self.type == 'Queue' ? has(self.metric) != has(self.trigger) : !has(self.trigger)",
    "a Queue has either a trigger, which KEDA asks, or a metric of the class's adapter; nothing "
      + "else has a trigger", at: "trigger"
  ) { metric in
    metric["type"] == "Queue"
      ? metric.has("metric") != metric.has("trigger") : !metric.has("trigger")
  }

  private static let selected = FieldRule(
    "!has(self.selector) || (self.type == 'Queue' && has(self.metric))",
    "selector is for the metric of a Queue", at: "selector"
  ) { metric in
    !metric.has("selector") || (metric["type"] == "Queue" && metric.has("metric"))
  }

  private static let wholePercentage = Pattern("^[1-9][0-9]{0,2}$", "a whole percentage")

  // MARK: Triggers

  /// What other fields say.
  private static let taken = ["cpu", "memory", "cron"]

  private static let trigger: FieldSchema = .object(
    "A scaler of KEDA's (https://keda.sh/docs/latest/scalers/) that knows how much waits.",
    rules: [
      FieldRule(
        "has(self.targetKey) || self.type in [\(quoted(TriggerTarget.types + taken))]",
        "targetKey must say which member of the metadata the target is: it is not known for this "
          + "type", at: "targetKey", reason: .required
      ) { trigger in
        let type = trigger["type"]?.string ?? ""
        return trigger.has("targetKey") || TriggerTarget.of(type) != nil || taken.contains(type)
      },
      FieldRule(
        "!(self.type in [\(quoted(taken))])",
        "cpu and memory are the metrics CPU and Memory, cron is spec.scaling.schedule", at: "type"
      ) { !taken.contains($0["type"]?.string ?? "") },
      FieldRule(
        "!has(self.authenticationRef) || !has(self.secretTargetRef)",
        "authenticationRef names a TriggerAuthentication, secretTargetRef makes one: give one of "
          + "them", at: "secretTargetRef"
      ) { !$0.has("authenticationRef") || !$0.has("secretTargetRef") },
    ],
    [
      .required(
        "type",
        .string(
          "The scaler, for example redis-streams.", length: 1...63,
          matching: Pattern("^[a-z][-a-z0-9]*$", "a scaler's name such as redis-streams"))),
      .required(
        "metadata",
        .map(
          "The scaler's settings, but for the target. No credentials: these belong into "
            + "secretTargetRef or, as <name>FromEnv, into the agent's variables.",
          of: .string("The value.", length: 0...4096), max: 50)),
      .optional(
        "targetKey",
        .string(
          "The setting that the metric's target goes to. Default: known for most scalers, for "
            + "example pendingEntriesCount for redis-streams.", length: 1...63,
          matching: settingName)),
      .optional(
        "authenticationRef",
        .object(
          "An existing TriggerAuthentication.",
          [
            .required("name", .objectName("Its name.")),
            .optional(
              "kind",
              .enumeration(
                "Default: TriggerAuthentication, of the agent's namespace.",
                values: ["TriggerAuthentication", "ClusterTriggerAuthentication"])),
          ])),
      .optional(
        "secretTargetRef",
        .list(
          "Credentials from Secrets in the agent's namespace: a TriggerAuthentication is made.",
          of: .object(
            "One setting.",
            [
              .required(
                "parameter",
                .string(
                  "The scaler's name for it, for example password.", length: 1...63,
                  matching: settingName)),
              .required("name", .objectName("Name of the Secret.")),
              .required(
                "key", .string("The Secret's key.", length: 1...253, matching: .configMapKey)),
            ]), .map(keys: ["parameter"]), max: 20,
          rules: [
            FieldRule("size(self) > 0", "name a parameter, or remove secretTargetRef") {
              $0.array?.isEmpty == false
            }
          ])),
    ])

  static let settingName = Pattern(
    "^[A-Za-z][-_.A-Za-z0-9]*$", "a scaler's setting such as consumerGroup")

  private static func quoted(_ names: [String]) -> String {
    names.map { "'\($0)'" }.joined(separator: ", ")
  }
}
