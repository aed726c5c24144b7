public import YAML

/// A rule that something in the input breaks.
public struct Finding: Sendable, Hashable {
  public var rule: String
  public var faults: [String]
  public var severity: Severity
  public var file: String
  public var position: YAMLPosition
  /// The object: `Deployment agents/support`.
  public var object: String
  /// The field: `spec.replicas`; empty for the object as a whole.
  public var path: String
  public var message: String
  public var fix: String
  /// How `--fix` puts it right; empty when that takes a person.
  public var edits: [FixEdit]
  /// Nil: it counts.
  public var ignored: IgnoredFinding?
  /// Of the document in its file, for `edits`.
  var documentIndex: Int
  /// From the field's name to where its value begins.
  var lines: ClosedRange<Int>
  /// What its object's annotation says, by index in `ManifestSet.ignores`.
  var objectIgnores: [Int] = []

  public var isFixable: Bool { !edits.isEmpty && ignored == nil }

  /// In the order in which a person reads files.
  static func precedes(_ a: Finding, _ b: Finding) -> Bool {
    (a.file, a.position.line, a.position.column, a.rule, a.message)
      < (b.file, b.position.line, b.position.column, b.rule, b.message)
  }
}

/// What one rule finds.
struct RuleFindings {
  let rule: LintRule
  private(set) var findings: [Finding] = []

  init(_ rule: LintRule) { self.rule = rule }

  /// - Parameters:
  ///   - atKey: the member's name is meant, not its value.
  ///   - fix: instead of the rule's.
  mutating func add(
    _ node: ManifestNode, atKey: Bool = false, _ message: String, fix: String? = nil,
    edits: [FixEdit] = []
  ) {
    let error = node.object.document.error(
      at: node.pointer, atKey: atKey, message: message)
    let position = error.position ?? YAMLPosition(line: 1, column: 1)
    let location = node.object.document.nearestLocation(of: node.pointer)
    let lines = [location.key?.line, location.value.line, position.line].compactMap { $0 }
    findings.append(
      Finding(
        rule: rule.id, faults: rule.faults, severity: rule.severity, file: error.file,
        position: position,
        object: node.object.title, path: node.path,
        message: node.object.origin.map { "\(message) (in the \($0))" } ?? message,
        fix: fix ?? rule.fix, edits: node.object.origin == nil ? edits : [],
        documentIndex: node.object.document.index,
        lines: (lines.min() ?? position.line)...(lines.max() ?? position.line),
        objectIgnores: node.object.ignores))
  }
}
