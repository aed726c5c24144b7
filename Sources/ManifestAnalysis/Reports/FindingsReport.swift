public import JSON
import YAML

extension Finding {
  /// For programs; the members' names are stable.
  public var json: JSONValue {
    var json: JSONValue = [
      "rule": .string(rule), "faults": JSONValue(faults),
      "severity": .string(severity.rawValue), "file": .string(file),
      "line": JSONValue(position.line), "column": JSONValue(position.column),
      "object": .string(object), "path": .string(path), "message": .string(message),
      "fix": .string(fix), "fixable": .bool(isFixable),
    ]
    if let ignored { json["reason"] = .string(ignored.reason) }
    return json
  }
}

/// How many findings there are, in words.
public struct FindingsSummary: Sendable, Hashable, CustomStringConvertible {
  public var counts: [Severity: Int] = [:]
  public var fixable = 0
  /// On purpose; they count nowhere else.
  public var ignored = 0
  public var files = 0

  public init(_ all: [Finding]) {
    let findings = all.filter { $0.ignored == nil }
    ignored = all.count - findings.count
    for finding in findings { counts[finding.severity, default: 0] += 1 }
    fixable = findings.filter(\.isFixable).count
    files = Set(findings.map(\.file)).count
  }

  public var json: JSONValue {
    var json: JSONValue = [:]
    for severity in Severity.allCases.reversed() {
      json[severity.rawValue] = JSONValue(counts[severity] ?? 0)
    }
    json["fixable"] = JSONValue(fixable)
    json["ignored"] = JSONValue(ignored)
    return json
  }

  public var description: String {
    let parts = Severity.allCases.reversed().compactMap { severity -> String? in
      guard let count = counts[severity], count > 0 else { return nil }
      switch severity {
      case .error: return count == 1 ? "1 error" : "\(count) errors"
      case .security: return "\(count) security"
      case .warning: return count == 1 ? "1 warning" : "\(count) warnings"
      case .deprecated: return "\(count) deprecated"
      }
    }
    let rest = ignored > 0 ? "; \(ignored) ignored on purpose" : ""
    guard !parts.isEmpty else { return "nothing found" + rest }
    let total = counts.values.reduce(0, +)
    var text =
      "\(total) finding\(total == 1 ? "" : "s") in \(files) file\(files == 1 ? "" : "s"): "
      + parts.joined(separator: ", ")
    if fixable > 0 { text += "; --fix puts \(fixable) right" }
    return text + rest
  }
}
