import YAML

/// What may be wrong with what is ignored. Only when everything else has been found can that be told,
/// so these rules' own checks find nothing.
enum IgnoreRules {
  static let all = [unknown, withoutReason, unused]

  private static let unknown = LintRule(
    "lint-ignore-unknown", [], .warning, "A rule is ignored that there is not",
    why: "The comment or annotation names no rule of this version, so it ignores nothing.",
    fix: "write # lint:ignore RULE reason; lint --list shows all rules"
  ) { _, _ in }

  private static let withoutReason = LintRule(
    "lint-ignore-reason", [], .warning, "A finding is ignored without a reason",
    why: "Whoever reads it later cannot tell whether it still holds, so the finding stands.",
    fix: "say why behind the rule: # lint:ignore RULE reason"
  ) { _, _ in }

  static let unused = LintRule(
    "lint-ignore-unused", [], .warning, "Nothing is there to be ignored",
    why: "What was ignored is gone or elsewhere: the comment would hide the next one. A comment is "
      + "about its own line, or alone in a line about the next one.",
    fix: "remove it, or move it to where the finding is"
  ) { _, _ in }

  /// Marks findings that are ignored, and adds what is wrong with what ignores them.
  ///
  /// - Parameters:
  ///   - findings: of the rules that ran.
  ///   - rules: those that ran.
  static func apply(_ ignores: [LintIgnore], to findings: inout [Finding], _ rules: [LintRule]) {
    let ran = Set(rules.map(\.id))
    var isUsed = Array(repeating: false, count: ignores.count)
    for i in findings.indices {
      for (index, ignore) in ignores.enumerated()
      where !ignore.reason.isEmpty && ignore.concerns(findings[i], index) {
        isUsed[index] = true
        if findings[i].ignored == nil {
          findings[i].ignored = IgnoredFinding(reason: ignore.reason, position: ignore.position)
        }
      }
    }
    for (index, ignore) in ignores.enumerated() {
      let named = ignore.rules
      if named.isEmpty {
        let what = ignore.name.isEmpty ? "no rule is named" : "there is no rule '\(ignore.name)'"
        add(unknown, ignore, what, ran, to: &findings)
      } else if ignore.reason.isEmpty {
        add(
          withoutReason, ignore, "'\(ignore.name)' is ignored without a reason", ran, to: &findings)
      } else if !isUsed[index], named.contains(where: { ran.contains($0.id) }) {
        add(unused, ignore, "'\(ignore.name)' finds nothing here", ran, to: &findings)
      }
    }
  }

  private static func add(
    _ rule: LintRule, _ ignore: LintIgnore, _ message: String, _ ran: Set<String>,
    to findings: inout [Finding]
  ) {
    guard ran.contains(rule.id) else { return }
    findings.append(
      Finding(
        rule: rule.id, faults: rule.faults, severity: rule.severity, file: ignore.file,
        position: ignore.position, object: ignore.object, path: ignore.path, message: message,
        fix: rule.fix, edits: [], documentIndex: 0,
        lines: ignore.position.line...ignore.position.line))
  }
}
