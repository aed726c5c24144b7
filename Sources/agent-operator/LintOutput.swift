import JSON
import ManifestAnalysis
import YAML

/// Findings and rules as `lint` prints them.
enum LintOutput {
  static func text(_ findings: [Finding], _ rules: [LintRule], _ form: LintCommand.Form) -> String {
    let summary = FindingsSummary(findings)
    let counting = findings.filter { $0.ignored == nil }
    let ignored = findings.filter { $0.ignored != nil }
    let json: JSONValue = [
      "findings": .array(counting.map(\.json)), "ignored": .array(ignored.map(\.json)),
      "summary": summary.json,
    ]
    switch form {
    case .table: return table(counting) + "\(summary)\n"
    case .json: return json.serialized(.prettyPrinted) + "\n"
    case .yaml: return YAML.emit(documents: [json])
    case .sarif:
      return SARIFReport.json(findings, rules: rules, version: Version.current)
        .serialized(.prettyPrinted) + "\n"
    }
  }

  /// File by file: place, severity, rule, what is wrong, how to put it right.
  private static func table(_ findings: [Finding]) -> String {
    var text = ""
    var file: String?
    for finding in findings {
      if finding.file != file {
        if file != nil { text += "\n" }
        text += Terminal.styled(finding.file, .bold) + "\n"
        file = finding.file
      }
      let place = "\(finding.position)".padded(to: 8)
      let severity = Terminal.styled(
        finding.severity.rawValue.padded(to: 11), colour(finding.severity))
      let numbers = finding.faults.isEmpty ? "" : " (\(finding.faults.joined(separator: ", ")))"
      text += "  \(place)\(severity)\(finding.rule)\(numbers)\n"
      let subject = finding.path.isEmpty ? finding.object : "\(finding.object) \(finding.path)"
      text += "          \(Terminal.styled(subject, .dim))\n"
      text += "          \(finding.message)\n"
      text += "          fix: \(finding.fix)\(finding.isFixable ? " [--fix]" : "")\n"
    }
    return findings.isEmpty ? "" : text + "\n"
  }

  private static func colour(_ severity: Severity) -> Terminal.Style {
    switch severity {
    case .error, .security: .red
    case .warning: .yellow
    case .deprecated: .cyan
    }
  }

  static func list(_ rules: [LintRule], _ form: LintCommand.Form) -> String {
    switch form {
    case .table:
      let width = rules.map(\.id.count).max() ?? 0
      return rules.map { rule in
        let numbers = rule.faults.joined(separator: ",").padded(to: 8)
        return rule.id.padded(to: width + 2) + rule.severity.rawValue.padded(to: 12) + numbers
          + rule.title + "\n"
      }.joined()
    case .json, .sarif: return json(rules).serialized(.prettyPrinted) + "\n"
    case .yaml: return YAML.emit(documents: [json(rules)])
    }
  }

  private static func json(_ rules: [LintRule]) -> JSONValue {
    .array(
      rules.map { rule in
        [
          "id": .string(rule.id), "faults": JSONValue(rule.faults),
          "severity": .string(rule.severity.rawValue), "title": .string(rule.title),
          "explanation": .string(rule.explanation), "fix": .string(rule.fix),
          "source": rule.source.map { .string($0) } ?? .null,
          "needsEverything": .bool(rule.needsEverything),
        ]
      })
  }

  static func explanation(_ rule: LintRule) -> String {
    let numbers = rule.faults.isEmpty ? "" : " (\(rule.faults.joined(separator: ", ")))"
    var text = """
      \(Terminal.styled(rule.id, .bold))\(numbers): \(rule.title)
        severity  \(rule.severity.rawValue)
        why       \(rule.explanation.wrapped(at: 78, indent: 12))
        fix       \(rule.fix.wrapped(at: 78, indent: 12))

      """
    if let source = rule.source { text += "  source    \(source)\n" }
    if rule.needsEverything { text += "  --partial leaves it out: it follows names across files\n" }
    return text
  }
}

extension String {
  func padded(to width: Int) -> String {
    count < width ? self + String(repeating: " ", count: width - count) : self + " "
  }

  /// Broken between words into lines of at most `width` characters; all but the first are indented.
  func wrapped(at width: Int, indent: Int) -> String {
    var lines: [String] = []
    var line = ""
    for word in split(whereSeparator: \.isWhitespace) {
      if !line.isEmpty, line.count + word.count + 1 > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    lines.append(line)
    return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
  }
}
