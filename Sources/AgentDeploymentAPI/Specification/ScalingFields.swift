import JSON
import KubernetesAPI

/// `spec.scaling`.
enum ScalingFields {
  static let section: FieldSchema = .object(
    "How many pods there are. Equal bounds fix the number, and metrics then have no effect.",
    rules: [
      FieldRule(
        "!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas",
        "minReplicas must not be more than maxReplicas", at: "minReplicas"
      ) { scaling in
        guard let least = scaling["minReplicas"]?.int, let most = scaling["maxReplicas"]?.int
        else { return true }
        return least <= most
      }
    ],
    [
      .optional(
        "minReplicas",
        .integer("Default: 2, or maxReplicas where that is less.", 1...1000)),
      .optional(
        "maxReplicas",
        .integer("Default: 10, or minReplicas where that is more.", 1...1000)),
      .optional("metrics", metrics),
      .optional(
        "scaleUp", policy("Growing", window: "60s", "50 percent or 2 pods, whichever is more")),
      .optional("scaleDown", policy("Shrinking", window: "300s", "10 percent")),
      .unsupported("onMetricsFailure", .object), .unsupported("idle", .object),
      .unsupported("schedule", .array),
    ])

  private static let metrics: FieldSchema = .list(
    "What the number of pods follows; the metric that asks for most wins. Default: CPU at 70.",
    of: .object(
      "One metric.",
      rules: [
        FieldRule(
          "(self.type == 'ActiveWork') == has(self.metric)",
          "metric is needed with ActiveWork, and only there", at: "metric"
        ) { metric in (metric["type"] == "ActiveWork") == metric.has("metric") },
        FieldRule(
          "self.type == 'ActiveWork' ? double(self.target) > 0.0 "
            + ": self.target.matches('^[1-9][0-9]{0,2}$')",
          "must be a whole percentage from 1 to 999 for CPU and Memory, more than 0 for ActiveWork",
          at: "target"
        ) { metric in
          let target = metric["target"]?.string ?? ""
          if metric["type"] == "ActiveWork" {
            return DecimalString(target).map { $0.tenThousandths > 0 } ?? false
          }
          return wholePercentage.matches(target)
        },
      ],
      [
        .required(
          "type",
          .enumeration(
            "CPU and Memory: use in percent of the request. ActiveWork: the average of a metric "
              + "of the pods.", Scaling.Metric.Kind.self, unsupported: ["Requests", "Queue"])),
        .required(
          "target",
          .string("To be held, as a decimal string.", length: 1...14, matching: .decimal)),
        .optional(
          "metric",
          .string(
            "Name of the pods' metric, for ActiveWork: for example active_workflows.",
            length: 1...200,
            matching: Pattern(
              "^[a-zA-Z_:][a-zA-Z0-9_:.-]*$", "a metric name such as active_workflows"))),
        .unsupported("trigger", .object),
      ]),
    max: 6,
    rules: [
      FieldRule(
        "self.all(a, self.exists_one(b, b.type == a.type && has(b.metric) == has(a.metric) "
          + "&& (!has(b.metric) || b.metric == a.metric)))",
        "each metric may stand only once", reason: .duplicate
      ) { metrics in
        let names = (metrics.array ?? []).map { [$0["type"], $0["metric"]] }
        return Set(names).count == names.count
      }
    ])

  private static let wholePercentage = Pattern("^[1-9][0-9]{0,2}$", "a whole percentage")

  private static func policy(_ what: String, window: String, _ rate: String) -> FieldSchema {
    .object(
      "\(what). Default: a minute at most \(rate). A rate given here replaces the default ones.",
      [
        .optional(
          "window",
          .duration(
            "Stabilisation window. Default: \(window).", "1s", "1h", orZero: true)),
        .optional(
          "percentPerMinute", .integer("At most this part of the pods a minute.", 1...1000)),
        .optional("podsPerMinute", .integer("At most this many pods a minute.", 1...1000)),
      ])
  }
}
