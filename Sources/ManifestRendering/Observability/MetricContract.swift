public import AgentDeploymentAPI
public import JSON

/// The series that an agent's rules, dashboard and scaler read: what has to exist for them to work.
///
/// A rule whose series is missing never fires and says nothing about it. This does.
public struct MetricContract: Sendable, Hashable {
  public struct Requirement: Sendable, Hashable {
    public var metric: MetricFamily
    /// Matches the agent's series of it, for `/api/v1/series` of Prometheus' API.
    public var selector: String
    /// Every one of them has to have a bucket of exactly this bound (in the metric's unit).
    public var exactBounds: [Double]
    /// The highest finite bucket has to be at least this (in the metric's unit).
    public var leastTopBound: Double?
    /// Alerts and objectives that cannot fire, and a scaler that cannot scale, without it.
    public var neededBy: [String]
    /// Panels that stay empty without it.
    public var shownBy: [String]
  }

  public struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// An error makes something not work; a warning leaves a panel empty or may come right with
    /// the first request.
    public enum Severity: String, Sendable { case error, warning }
    public var severity: Severity
    public var metric: String
    public var message: String
    public var fix: String

    public var description: String { "\(metric) \(message) (\(fix))" }
  }

  /// In the order of first use.
  public private(set) var requirements: [Requirement] = []

  /// What of the requirements is not met.
  ///
  /// - Parameter sources: who was looked at: requirements on others are not judged.
  public func findings(
    _ observed: ObservedMetrics, from sources: Set<MetricFamily.Source> = [.agent]
  ) -> [Finding] {
    requirements.filter { sources.contains($0.metric.source) }.flatMap { finding($0, observed) }
  }

  private func finding(_ requirement: Requirement, _ observed: ObservedMetrics) -> [Finding] {
    let metric = requirement.metric
    guard let found = observed.families[metric.name] else {
      return [missing(requirement, observed)]
    }
    if let type = found.type, type != "untyped", type != "unknown", type != metric.kind.rawValue {
      return [
        problem(
          requirement, "is a \(type)", fix: "export it as a \(metric.kind.rawValue)")
      ]
    }
    guard found.seriesCount > 0 else {
      return [
        Finding(
          severity: .warning, metric: metric.name, message: "is declared and has no series yet",
          fix: "look again after the first event")
      ]
    }
    var findings: [Finding] = []
    let lacking = metric.labels.filter { !found.labels.contains($0) }
    if !lacking.isEmpty {
      let has = found.labels.sorted().joined(separator: ", ")
      findings.append(
        problem(
          requirement, "lacks the label \(lacking.joined(separator: ", "))",
          fix: "it has \(has.isEmpty ? "none" : has): rename or add it"))
    }
    return findings + buckets(requirement, found)
  }

  private func buckets(_ requirement: Requirement, _ found: ObservedMetric) -> [Finding] {
    guard requirement.metric.kind == .histogram else { return [] }
    let top = found.bounds.max()
    var findings: [Finding] = []
    if let least = requirement.leastTopBound, (top ?? 0) < least {
      findings.append(
        problem(
          requirement,
          top.map { "has no bucket above \(Self.text($0)), so nothing reaches \(Self.text(least))" }
            ?? "has no buckets",
          fix: "add buckets up to \(Self.text(least)) and one above"))
    }
    for bound in requirement.exactBounds where !found.bounds.contains(bound) {
      findings.append(
        problem(
          requirement, "has no bucket of \(Self.text(bound))",
          fix: "add one, or set the objective's threshold to one that there is: "
            + found.bounds.sorted().map(Self.text).joined(separator: ", ")))
    }
    return findings
  }

  private func missing(_ requirement: Requirement, _ observed: ObservedMetrics) -> Finding {
    let metric = requirement.metric
    let near = observed.families.keys.sorted().first {
      Self.words($0) == Self.words(metric.name)
    }
    let fix =
      near.map { "there is \($0): rename it" }
      ?? (metric.source == .agent
        ? "export it, or look again after the first event if the library makes series then"
        : "install what exports it, or set observability.alerts.preset: None")
    return problem(requirement, "is missing", fix: fix)
  }

  /// Without units and `_total`, which are what names differ by most often.
  private static func words(_ name: String) -> [Substring] {
    let parts = name.split(separator: "_")
    return parts.filter { !["total", "seconds", "milliseconds", "ms", "count"].contains($0) }
  }

  private func problem(_ requirement: Requirement, _ message: String, fix: String) -> Finding {
    var message = message
    if !requirement.neededBy.isEmpty {
      message += "; without it nothing comes of \(requirement.neededBy.joined(separator: ", "))"
    } else if !requirement.shownBy.isEmpty {
      message += "; these panels stay empty: \(requirement.shownBy.joined(separator: ", "))"
    }
    return Finding(
      severity: requirement.neededBy.isEmpty ? .warning : .error, metric: requirement.metric.name,
      message: message, fix: fix)
  }

  /// 10, not 10.0.
  private static func text(_ number: Double) -> String {
    let text = String(number)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension MetricContract {
  /// - Parameter isRendered: whether the rules and the dashboard are made at all.
  init(_ monitoring: Monitoring, isRendered: Bool = true) {
    for group in isRendered ? monitoring.groups : [] {
      for rule in group.rules {
        switch rule {
        case .alert(let alert): add(alert.expression, neededBy: alert.name)
        case .record(let record):
          add(record.expression, neededBy: "the objective \(record.labels["slo"] ?? "")")
        }
      }
    }
    for metric in monitoring.spec.scaling.metrics where monitoring.spec.scaling.hasScaler {
      guard let query = monitoring.query(of: metric) else { continue }
      add(query, neededBy: "spec.scaling")
    }
    if isRendered, monitoring.spec.observability.dashboard == .standard {
      for panel in DashboardRows(monitoring: monitoring).rows.flatMap(\.panels) {
        for query in panel.queries { add(query.expression, shownBy: panel.title) }
      }
    }
  }

  private mutating func add(
    _ expression: PrometheusQuery, neededBy need: String? = nil, shownBy panel: String? = nil
  ) {
    for series in expression.series where series.metric.source != .recordingRule {
      let i =
        requirements.firstIndex { $0.metric == series.metric }
        ?? {
          requirements.append(
            Requirement(
              metric: series.metric, selector: series.selector, exactBounds: [],
              leastTopBound: nil, neededBy: [], shownBy: []))
          return requirements.count - 1
        }()
      requirements[i].merge(series)
      if let need, !requirements[i].neededBy.contains(need) {
        requirements[i].neededBy.append(need)
      }
      if let panel, !requirements[i].shownBy.contains(panel) {
        requirements[i].shownBy.append(panel)
      }
    }
  }
}

extension MetricContract.Requirement {
  fileprivate mutating func merge(_ series: Series) {
    // The one with the fewest conditions covers the others; buckets say more than counts.
    let isWider = series.selector.utf8.count < selector.utf8.count
    if isWider, series.suffix == "_bucket" || metric.kind != .histogram {
      selector = series.selector
    }
    for bound in series.exactBounds where !exactBounds.contains(bound) { exactBounds.append(bound) }
    if let bound = series.leastTopBound { leastTopBound = max(leastTopBound ?? bound, bound) }
  }
}

extension AgentDeployment {
  /// What has to be exported for this agent's rules, dashboard and scaler to work.
  public func metricContract(_ context: RenderingContext) -> MetricContract {
    let names = ObjectNames(self, revision: Revision.hash(of: self, context), context)
    return MetricContract(
      ManifestBuilder(agent: self, names: names, context: context).monitoring,
      isRendered: context.agentClass.capabilities.prometheusOperator)
  }
}

extension ObservedMetrics {
  /// The answer of Prometheus' `/api/v1/series`; nil when it is none.
  public init?(seriesResponse response: JSONValue) {
    guard response["status"] == "success", let all = response["data"]?.array else { return nil }
    self.init()
    for series in all {
      var labels: [String: String] = [:]
      for (key, value) in series.object ?? [:] { labels[key] = value.string }
      guard let name = labels["__name__"] else { continue }
      add(series: name, labels: labels)
    }
    // Without types, a histogram is known by its buckets only: its other series may have come first.
    mergeHistograms()
  }
}
