import Synchronization

/// Counters, gauges and histograms, and their text form for Prometheus
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
public final class MetricsRegistry: Sendable {
  public enum Kind: Sendable, Hashable {
    case counter
    case gauge
    /// Upper bounds, ascending; `+Inf` is added.
    case histogram([Double])
  }

  /// A metric family.
  public struct Name: Sendable, Hashable {
    public var name: String
    public var kind: Kind
    public var help: String

    public init(_ name: String, _ kind: Kind, _ help: String) {
      self.name = name
      self.kind = kind
      self.help = help
    }
  }

  private enum Value {
    case number(Double)
    case histogram(counts: [UInt64], sum: Double, count: UInt64)
  }

  private struct Family {
    var name: Name
    var values: [String: Value] = [:]
  }

  private let families = Mutex<[String: Family]>([:])
  private let collectors = Mutex<[@Sendable (MetricsRegistry) -> Void]>([])

  public init() {}

  /// Calls `update` before each exposition, for figures that are read when needed rather than kept.
  public func collect(_ update: @escaping @Sendable (MetricsRegistry) -> Void) {
    collectors.withLock { $0.append(update) }
  }

  public func increment(_ name: Name, _ labels: [(String, String)] = [], by amount: Double = 1) {
    update(name, labels) { value in
      if case .number(let old)? = value {
        value = .number(old + amount)
      } else {
        value = .number(amount)
      }
    }
  }

  public func set(_ name: Name, _ labels: [(String, String)] = [], to newValue: Double) {
    update(name, labels) { $0 = .number(newValue) }
  }

  /// Replaces all series of a gauge or counter: those that are not given are gone.
  public func replace(_ name: Name, with series: [(labels: [(String, String)], value: Double)]) {
    let values = Dictionary(
      series.map { (Self.text($0.labels), Value.number($0.value)) }, uniquingKeysWith: { $1 })
    families.withLock { families in
      families[name.name] = values.isEmpty ? nil : Family(name: name, values: values)
    }
  }

  /// Adds one observation to a histogram; nothing happens for other kinds.
  public func observe(_ name: Name, _ labels: [(String, String)] = [], _ observation: Double) {
    guard case .histogram(let bounds) = name.kind else { return }
    update(name, labels) { value in
      var counts = [UInt64](repeating: 0, count: bounds.count)
      var sum = 0.0
      var count: UInt64 = 0
      if case .histogram(let c, let s, let n)? = value { (counts, sum, count) = (c, s, n) }
      value = nil  // the counts have one owner, and are changed in place
      for (i, bound) in bounds.enumerated() where observation <= bound { counts[i] += 1 }
      value = .histogram(counts: counts, sum: sum + observation, count: count + 1)
    }
  }

  private func update(_ name: Name, _ labels: [(String, String)], _ change: (inout Value?) -> Void)
  {
    let key = Self.text(labels)
    families.withLock { families in
      // In place: no copy of the family for each increment.
      change(&families[name.name, default: Family(name: name)].values[key])
    }
  }

  private static func text(_ labels: [(String, String)]) -> String {
    if labels.isEmpty { return "" }
    var text = ""
    for (name, value) in labels.count == 1 ? labels : labels.sorted(by: { $0.0 < $1.0 }) {
      if !text.isEmpty { text += "," }
      text += name
      text += "=\""
      text += escaped(value)
      text += "\""
    }
    return text
  }

  private static func escaped(_ value: String) -> String {
    let isPlain = !value.utf8.contains {
      $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\n")
    }
    if isPlain { return value }
    var out = ""
    for character in value {
      switch character {
      case "\\": out += "\\\\"
      case "\"": out += "\\\""
      case "\n": out += "\\n"
      default: out.append(character)
      }
    }
    return out
  }

  /// Everything in Prometheus' text format, sorted by name.
  public func exposition() -> String {
    for collector in collectors.withLock({ $0 }) { collector(self) }
    let families = families.withLock { $0.values.sorted { $0.name.name < $1.name.name } }
    var out = ""
    for family in families {
      let name = family.name.name
      let kind =
        switch family.name.kind {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
      out += "# HELP \(name) \(family.name.help)\n# TYPE \(name) \(kind)\n"
      for (labels, value) in family.values.sorted(by: { $0.key < $1.key }) {
        switch value {
        case .number(let number):
          out += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.text(number))\n"
        case .histogram(let counts, let sum, let count):
          guard case .histogram(let bounds) = family.name.kind else { continue }
          let prefix = labels.isEmpty ? "" : labels + ","
          for (bound, cumulative) in zip(bounds, counts) {
            out += "\(name)_bucket{\(prefix)le=\"\(Self.text(bound))\"} \(cumulative)\n"
          }
          out += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(count)\n"
          let suffix = labels.isEmpty ? "" : "{\(labels)}"
          out += "\(name)_sum\(suffix) \(Self.text(sum))\n\(name)_count\(suffix) \(count)\n"
        }
      }
    }
    return out
  }

  private static func text(_ number: Double) -> String {
    if let whole = Int64(exactly: number) { return String(whole) }
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number > 0 ? "+Inf" : "-Inf" }
    return number.description
  }
}
