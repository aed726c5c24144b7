import JSON
import KubernetesAPI

extension Observability {
  init(resolving json: JSONValue, port: Int) {
    let metrics = json.section("metrics")
    self.init(
      metricsPort: metrics.number("port") ?? port, metricsPath: metrics.text("path") ?? "/metrics",
      scrapeInterval: metrics.duration("interval") ?? KubernetesDuration(seconds: 30),
      logLevel: json.choice("logLevel") ?? .info,
      tracing: json["tracing"].map {
        Tracing(endpoint: $0.text("endpoint") ?? "", samplePercent: $0.text("samplePercent"))
      },
      alerts: Alerts(resolving: json.section("alerts")),
      dashboard: json.choice("dashboard") ?? .standard,
      labels: json.textMap("labels"))
  }
}

extension Observability.Alerts {
  init(resolving json: JSONValue) {
    self.init(
      preset: json.choice("preset") ?? .standard, labels: json.textMap("labels"),
      latency: json.duration("latency") ?? KubernetesDuration(seconds: 5),
      runbooks: json.text("runbooks"))
  }
}

extension ServiceLevelObjective {
  init(resolving json: JSONValue) {
    let indicator = json.section("indicator")
    self.init(
      name: json.text("name") ?? "",
      objective: json.text("objective").flatMap { DecimalString($0) }
        ?? DecimalString(tenThousandths: 0),
      window: json.duration("window") ?? KubernetesDuration(seconds: 720 * 3600),
      indicator: indicator.duration("threshold").map(Indicator.latencyBelow) ?? .successRate)
  }
}
