public import KubernetesAPI

public struct Observability: Sendable, Hashable {
  public enum LogLevel: String, Sendable, CaseIterable {
    case debug = "Debug", info = "Info", warn = "Warn", error = "Error"
  }
  public enum Preset: String, Sendable, CaseIterable { case none = "None", standard = "Standard" }
  public struct Tracing: Sendable, Hashable {
    public var endpoint: String
    /// A decimal string, 0...100; nil leaves the sampler alone.
    public var samplePercent: String?
  }
  public struct Alerts: Sendable, Hashable {
    public var preset: Preset
    /// Prometheus labels.
    public var labels: [String: String]
    /// Of the 95th percentile of request durations; zero: no alert.
    public var latency: KubernetesDuration
    /// A URL that alerts' names are appended to; nil: the class's.
    public var runbooks: String?
  }

  /// Equal to the agent's port when not given.
  public var metricsPort: Int
  public var metricsPath: String
  public var scrapeInterval: KubernetesDuration
  public var logLevel: LogLevel
  public var tracing: Tracing?
  public var alerts: Alerts
  public var dashboard: Preset
  /// Of the monitor, the rules and the dashboard.
  public var labels: [String: String]
}

/// `slos[]`: the part of the requests that has to be good.
public struct ServiceLevelObjective: Sendable, Hashable {
  public enum Indicator: Sendable, Hashable {
    /// Requests that did not end in a server error.
    case successRate
    /// Requests that took at most this long.
    case latencyBelow(KubernetesDuration)
  }
  public var name: String
  /// In percent, 50 to below 100.
  public var objective: DecimalString
  public var window: KubernetesDuration
  public var indicator: Indicator
}
