import JSON

/// `spec.observability`: how the agent is seen.
enum ObservabilityFields {
  static let section: FieldSchema = .object(
    "How the agent is seen. The monitor, the rules and the dashboard need the Prometheus operator.",
    [
      .optional("metrics", metrics),
      .optional(
        "logLevel",
        .enumeration(
          "In the variable LOG_LEVEL. Default: Info.", Observability.LogLevel.self)),
      .optional("tracing", tracing),
      .optional("alerts", alerts),
      .optional(
        "dashboard",
        .enumeration(
          "A Grafana dashboard for the agent. Default: Standard.", Observability.Preset.self)),
      .optional(
        "labels",
        .map(
          "Further labels of the monitor, the rules and the dashboard, for what selects them: "
            + "release: prometheus, for example.", of: .string("The value.", length: 0...63),
          max: 20,
          rules: [
            FieldRule(
              "!self.exists(k, k.startsWith('agentdeploy.dev/') || k in ["
                + ProtectedPaths.labels.map { "'\($0)'" }.joined(separator: ", ") + "])",
              "the operator's own labels may not be changed: remove agentdeploy.dev/*, "
                + "app.kubernetes.io/{name,instance,managed-by} and service.istio.io/canonical-*",
              reason: .forbidden
            ) { labels in !(labels.object ?? [:]).keys.contains(where: ProtectedPaths.isLabel) }
          ])),
    ])

  private static let metrics: FieldSchema = .object(
    "The agent's Prometheus metrics.",
    [
      .optional("port", .integer("Default: spec.port.", 1...65535)),
      .optional(
        "path",
        .string("HTTP path. Default: /metrics.", length: 1...256, matching: .urlPath)),
      .optional(
        "interval",
        .duration(
          "Between two scrapes. The rules look at five minutes and need several. Default: 30s.",
          "5s", "2m")),
    ])

  private static let tracing: FieldSchema = .object(
    "Where OpenTelemetry traces go. Default: nowhere.",
    [
      .required(
        "endpoint",
        .string(
          "OTLP endpoint, for example http://otel-collector.monitoring:4317.",
          length: 8...512, matching: .serviceURL)),
      .optional(
        "samplePercent",
        .percentage("Part of the traces to keep. Default: the SDK's own.", mayBeZero: true)),
    ])

  /// Labels that alerts have of their own; a user's may not replace them.
  static let alertLabels = [
    "__name__", "alertname", "severity", "agent", "namespace", "revision", "slo", "window", "pod",
    "instance",
    "workflow_type", "server", "tool",
  ]

  private static let alerts: FieldSchema = .object(
    "What is alerted on.",
    [
      .optional(
        "preset",
        .enumeration(
          "Standard: resources, error rate, latency, availability, restarts, a scaler at its "
            + "maximum, and workflows and tools where the protocol has them. None: only slos. "
            + "Default: Standard.", Observability.Preset.self)),
      .optional(
        "labels",
        .map(
          "Further labels of the alerts, for routing them: team: support, for example.",
          of: .string(
            "The value.", length: 1...128,
            matching: Pattern(
              "^[-A-Za-z0-9._/:@+]+( [-A-Za-z0-9._/:@+]+)*$",
              "words of letters, digits and - . _ / : @ +")),
          max: 10,
          rules: [
            FieldRule(
              "!self.exists(k, k in ["
                + alertLabels.map { "'\($0)'" }.joined(separator: ", ") + "])",
              "the alert has its own \(alertLabels.joined(separator: ", ")): remove them",
              reason: .forbidden
            ) { labels in
              !(labels.object ?? [:]).keys.contains(where: alertLabels.contains)
            }
          ])),
      .optional(
        "latency",
        .duration(
          "The 95th percentile of request durations that is too slow. Streams count with their "
            + "whole length: an agent that streams wants more. Default: 5s.", "10ms", "1h",
          orZero: "for none")),
      .optional(
        "runbooks",
        .string(
          "Base of the alerts' runbook_url; the alert's name is appended. Default: the class's.",
          length: 8...512, matching: .runbooks)),
    ])
}
