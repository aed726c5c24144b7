import JSON
import KubernetesAPI

/// `spec.slos`: what the agent's users are promised.
enum ObjectiveFields {
  static let section: FieldSchema = .list(
    "Service level objectives. Each becomes recording rules and four alerts on how fast its error "
      + "budget burns.",
    of: .object(
      "One objective.",
      [
        .required(
          "name",
          .string("Name within the agent, unique.", length: 1...40, matching: .label)),
        .required("objective", objective),
        .optional(
          "window", .duration("What the objective is kept over. Default: 720h.", "168h", "2160h")),
        .required("indicator", indicator),
      ]),
    .map(keys: ["name"]), max: 5)

  private static let objective: FieldSchema = .string(
    "Percentage of the requests that have to be good, for example \"99.9\".", length: 1...14,
    matching: .decimal,
    rules: [
      FieldRule(
        "double(self) >= 50.0 && double(self) < 100.0",
        "must be at least 50 and below 100: without an error budget every failure is an alarm"
      ) { value in
        guard let decimal = value.string.flatMap({ DecimalString($0) }) else { return false }
        return (500_000..<1_000_000).contains(decimal.tenThousandths)
      }
    ])

  private static let indicator: FieldSchema = .object(
    "Which requests are good.",
    rules: [
      FieldRule(
        "(self.type == 'LatencyBelow') == has(self.threshold)",
        "LatencyBelow needs a threshold, and only LatencyBelow has one", at: "threshold"
      ) { indicator in (indicator["type"] == "LatencyBelow") == indicator.has("threshold") }
    ],
    [
      .required(
        "type",
        .enumeration(
          "SuccessRate: those that did not end in a server error. LatencyBelow: those that took at "
            + "most the threshold.",
          values: ["SuccessRate", "LatencyBelow"])),
      .optional(
        "threshold",
        .duration(
          "How long a good request may take. Without Istio it has to be a bucket of the agent's "
            + "histogram http_request_duration_seconds.", "1ms", "1h")),
    ])
}
