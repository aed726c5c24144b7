public import JSON
import YAML

/// Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), which
/// code hosts show beside the lines.
public enum SARIFReport {
  /// - Parameters:
  ///   - rules: those that ran.
  ///   - version: of the program.
  public static func json(_ findings: [Finding], rules: [LintRule], version: String) -> JSONValue {
    let indices = Dictionary(
      rules.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    // All results have it or none (section 3.27.23).
    let judges = findings.contains { $0.ignored != nil }
    return [
      "$schema":
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        [
          "tool": [
            "driver": [
              "name": "agent-operator", "semanticVersion": .string(version),
              "rules": .array(rules.map(rule)),
            ]
          ],
          "columnKind": "unicodeCodePoints",
          "results": .array(findings.map { result($0, indices[$0.rule], judges) }),
        ]
      ],
    ]
  }

  private static func rule(_ rule: LintRule) -> JSONValue {
    var json: JSONValue = [
      "id": .string(rule.id),
      "shortDescription": ["text": .string(rule.title)],
      "fullDescription": ["text": .string(rule.explanation)],
      "help": ["text": .string("Fix: \(rule.fix)")],
      "defaultConfiguration": ["level": .string(rule.severity.sarifLevel)],
    ]
    if let source = rule.source { json["helpUri"] = .string(source) }
    var properties: JSONValue = ["tags": JSONValue([rule.severity.rawValue] + rule.faults)]
    // What GitHub sorts security alerts by: https://docs.github.com, "SARIF support".
    if rule.severity == .security { properties["security-severity"] = "7.0" }
    json["properties"] = properties
    return json
  }

  private static func result(_ finding: Finding, _ index: Int?, _ judges: Bool) -> JSONValue {
    var json: JSONValue = [
      "ruleId": .string(finding.rule),
      "level": .string(finding.severity.sarifLevel),
      "message": ["text": .string("\(finding.message). Fix: \(finding.fix)")],
      "locations": [
        [
          "physicalLocation": [
            "artifactLocation": ["uri": .string(uri(finding.file))],
            "region": [
              "startLine": JSONValue(finding.position.line),
              "startColumn": JSONValue(finding.position.column),
            ],
          ],
          "logicalLocations": [
            ["fullyQualifiedName": .string("\(finding.object) \(finding.path)")]
          ],
        ]
      ],
    ]
    if let index { json["ruleIndex"] = JSONValue(index) }
    if judges {
      json["suppressions"] = .array(
        [finding.ignored].compactMap { $0 }.map { ignored in
          ["kind": "inSource", "status": "accepted", "justification": .string(ignored.reason)]
        })
    }
    return json
  }

  /// A path as a URI reference (RFC 3986).
  private static func uri(_ path: String) -> String {
    var text = ""
    for byte in path.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
        text.append(Character(Unicode.Scalar(byte)))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return text.hasPrefix("/") ? "file://\(text)" : text
  }
}
