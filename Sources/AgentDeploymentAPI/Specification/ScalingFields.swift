import JSON
import KubernetesAPI

/// `spec.scaling`.
enum ScalingFields {
  static let section: FieldSchema = .object(
    "How many pods there are. Equal bounds fix the number, and metrics then have no effect. A "
      + "trigger, a schedule, idle or onMetricsFailure make KEDA scale the agent.",
    rules: [bounds, zero, idleWakes, failureReads, failureCount, windowCounts],
    [
      .optional(
        "minReplicas",
        .integer(
          "While there is work. Default: 2, or maxReplicas where that is less. 0 needs idle.",
          0...1000)),
      .optional(
        "maxReplicas",
        .integer("Default: 10, or minReplicas where that is more.", 1...1000)),
      .optional("metrics", ScalingMetricFields.list),
      .optional(
        "scaleUp", policy("Growing", window: "60s", "50 percent or 2 pods, whichever is more")),
      .optional("scaleDown", policy("Shrinking", window: "300s", "10 percent")),
      .optional(
        "onMetricsFailure",
        .object(
          "While metrics cannot be read, three times in a row, there are at least so many pods; "
            + "what runs beyond that stays. Needs KEDA. Default: the number stays as it is.",
          [.required("replicas", .integer("So many.", 1...1000))])),
      .optional(
        "idle",
        .object(
          "Without work no pod is left. Needs KEDA, and a Queue or a schedule to start again.",
          [
            .required(
              "after", .duration("How long there has to be no work before.", "10s", "24h"))
          ])),
      .optional("schedule", schedule),
    ])

  // MARK: Rules between the fields

  /// The bounds that hold, as `Scaling.init(resolving:)` has them, in CEL.
  private static let least =
    "(has(self.minReplicas) ? self.minReplicas "
    + ": has(self.maxReplicas) && self.maxReplicas < 2 ? self.maxReplicas : 2)"
  private static let most =
    "(has(self.maxReplicas) ? self.maxReplicas "
    + ": has(self.minReplicas) && self.minReplicas > 10 ? self.minReplicas : 10)"

  private static func resolvedBounds(of scaling: JSONValue) -> (least: Int, most: Int) {
    let resolved = Scaling(resolving: scaling)
    return (resolved.minReplicas, resolved.maxReplicas)
  }

  private static let bounds = FieldRule(
    "!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas",
    "minReplicas must not be more than maxReplicas", at: "minReplicas"
  ) { scaling in
    guard let least = scaling["minReplicas"]?.int, let most = scaling["maxReplicas"]?.int
    else { return true }
    return least <= most
  }

  private static let zero = FieldRule(
    "!has(self.minReplicas) || self.minReplicas > 0 || has(self.idle)",
    "minReplicas may be 0 only with idle, which says when: idle: {after: 30m}", at: "minReplicas"
  ) { scaling in scaling["minReplicas"] != 0 || scaling.has("idle") }

  private static let idleWakes = FieldRule(
    "!has(self.idle) || (has(self.schedule) && size(self.schedule) > 0) "
      + "|| (has(self.metrics) && self.metrics.exists(m, m.type == 'Queue'))",
    "idle needs a Queue metric or a schedule: where no pod is left, nothing else shows new work",
    at: "idle"
  ) { scaling in
    !scaling.has("idle") || !scaling.items("schedule").isEmpty
      || scaling.items("metrics").contains { $0["type"] == "Queue" }
  }

  private static let failureReads = FieldRule(
    "!has(self.onMetricsFailure) || (has(self.metrics) "
      + "&& self.metrics.exists(m, m.type != 'CPU' && m.type != 'Memory'))",
    "onMetricsFailure needs an ActiveWork, Requests or Queue metric: KEDA does not read CPU and "
      + "Memory", at: "onMetricsFailure"
  ) { scaling in
    !scaling.has("onMetricsFailure")
      || scaling.items("metrics").contains { $0["type"] != "CPU" && $0["type"] != "Memory" }
  }

  private static let failureCount = FieldRule(
    "!has(self.onMetricsFailure) || (\(least) < \(most) "
      + "&& self.onMetricsFailure.replicas >= \(least) "
      + "&& self.onMetricsFailure.replicas <= \(most))",
    "onMetricsFailure.replicas must be from minReplicas to maxReplicas, and these must differ",
    at: "onMetricsFailure"
  ) { scaling in
    guard let count = scaling[path: "onMetricsFailure", "replicas"]?.int else { return true }
    let (least, most) = resolvedBounds(of: scaling)
    return least < most && (least...most).contains(count)
  }

  private static let windowCounts = FieldRule(
    "!has(self.schedule) || self.schedule.all(s, s.replicas > \(least) && s.replicas <= \(most))",
    "replicas of a schedule must be more than minReplicas and at most maxReplicas", at: "schedule"
  ) { scaling in
    let (least, most) = resolvedBounds(of: scaling)
    return scaling.items("schedule").allSatisfy {
      guard let count = $0["replicas"]?.int else { return true }
      return count > least && count <= most
    }
  }

  // MARK: Schedule

  private static let schedule: FieldSchema = .list(
    "At least so many pods during certain hours. Needs KEDA.",
    of: .object(
      "One window.",
      rules: [
        FieldRule("self.start != self.end", "start and end must differ", at: "end") {
          !$0.has("start") || $0["start"] != $0["end"]
        }
      ],
      [
        .required(
          "start", .string("When it begins, as cron says it.", length: 9...100, matching: .cron)),
        .required("end", .string("When it ends.", length: 9...100, matching: .cron)),
        .optional(
          "timeZone",
          .string(
            "Of the IANA database, for example Europe/Berlin. Default: UTC.", length: 1...64,
            matching: Pattern(
              "^[A-Za-z][-+_A-Za-z0-9]*(/[A-Za-z0-9][-+_A-Za-z0-9]*)*$",
              "a time zone such as Europe/Berlin"))),
        .required("replicas", .integer("So many pods at least.", 1...1000)),
      ]), max: 10)

  // MARK: Policies

  private static func policy(_ what: String, window: String, _ rate: String) -> FieldSchema {
    .object(
      "\(what). Default: a minute at most \(rate). A rate given here replaces the default ones.",
      [
        .optional(
          "window",
          .duration(
            "Stabilisation window. Default: \(window).", "1s", "1h", orZero: "for none")),
        .optional(
          "percentPerMinute", .integer("At most this part of the pods a minute.", 1...1000)),
        .optional("podsPerMinute", .integer("At most this many pods a minute.", 1...1000)),
      ])
  }
}

extension Pattern {
  /// What KEDA's cron trigger reads: five fields of numbers, ranges, lists and steps; months and
  /// days of the week also by their names (https://pkg.go.dev/github.com/robfig/cron/v3).
  static let cron = Pattern(
    "^" + [minute, hour, day, month, weekday].joined(separator: " ") + "$",
    "five fields of cron such as 0 8 * * 1-5")

  private static let minute = cronField("[0-5]?[0-9]")
  private static let hour = cronField("([01]?[0-9]|2[0-3])")
  private static let day = cronField("(0?[1-9]|[12][0-9]|3[01])")
  private static let month = cronField(
    "(0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)")
  private static let weekday = cronField("([0-6]|SUN|MON|TUE|WED|THU|FRI|SAT)")

  private static func cronField(_ value: String) -> String {
    let part = "(\\*|\(value)(-\(value))?)(/[1-9][0-9]?)?"
    return "\(part)(,\(part))*"
  }
}
