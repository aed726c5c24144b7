/// One metric as somebody exports it.
public struct ObservedMetric: Sendable, Hashable {
  public var name: String
  /// `counter`, `gauge`, `histogram`, `summary` ...; nil where it is not said.
  public var type: String?
  /// Of all its series.
  public var labels: Set<String>
  /// Bounds of a histogram's buckets, without +Inf.
  public var bounds: Set<Double>
  /// 0 when it is only declared: many libraries make a series with its first event.
  public var seriesCount: Int

  public init(
    name: String, type: String? = nil, labels: Set<String> = [], bounds: Set<Double> = [],
    seriesCount: Int = 0
  ) {
    self.name = name
    self.type = type
    self.labels = labels
    self.bounds = bounds
    self.seriesCount = seriesCount
  }
}

/// Metrics by family, put together from single series.
public struct ObservedMetrics: Sendable, Hashable {
  public private(set) var families: [String: ObservedMetric] = [:]

  public init() {}

  /// - Parameter name: as the series has it; `_bucket`, `_count` and `_sum` belong to a histogram
  ///   that is known by then or that the bucket makes.
  public mutating func add(series name: String, labels: [String: String]) {
    let family = family(of: name, labels)
    var metric = families[family] ?? ObservedMetric(name: family)
    if family != name, metric.type == nil { metric.type = "histogram" }
    metric.seriesCount += 1
    metric.labels.formUnion(labels.keys.filter { $0 != "le" && $0 != "__name__" })
    if let bound = labels["le"].flatMap(Double.init), bound.isFinite { metric.bounds.insert(bound) }
    families[family] = metric
  }

  public mutating func declare(_ name: String, type: String) {
    families[name, default: ObservedMetric(name: name)].type = type
  }

  private func family(of name: String, _ labels: [String: String]) -> String {
    if name.hasSuffix("_bucket"), labels["le"] != nil { return String(name.dropLast(7)) }
    for suffix in ["_count", "_sum", "_total"] where name.hasSuffix(suffix) {
      let base = String(name.dropLast(suffix.utf8.count))
      guard let known = families[base] else { continue }
      // OpenMetrics declares a counter without the `_total` that its series have.
      if suffix == "_total" {
        if known.type == "counter", known.seriesCount == 0 { return name }
      } else if ["histogram", "summary"].contains(known.type) {
        return base
      }
    }
    return name
  }

  /// Takes `_count` and `_sum` that came before their buckets into the histogram.
  mutating func mergeHistograms() {
    for (name, metric) in families where metric.type == "histogram" {
      for suffix in ["_count", "_sum"] {
        guard let part = families.removeValue(forKey: name + suffix) else { continue }
        families[name]?.seriesCount += part.seriesCount
        families[name]?.labels.formUnion(part.labels)
      }
    }
  }

  /// Drops what was declared under a shorter name than its series have.
  mutating func settle() {
    for (name, metric) in families
    where metric.seriesCount == 0 && metric.type == "counter" && !name.hasSuffix("_total") {
      families[name] = nil
      if families["\(name)_total"] == nil {
        families["\(name)_total"] = ObservedMetric(name: "\(name)_total", type: "counter")
      } else {
        families["\(name)_total"]?.type = "counter"
      }
    }
  }
}
