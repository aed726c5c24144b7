import JSON
public import YAML

/// A finding that is ignored on purpose.
public struct IgnoredFinding: Sendable, Hashable {
  /// In the words of who ignores it.
  public var reason: String
  /// Where that is said.
  public var position: YAMLPosition
}

/// One rule that is to be ignored at one place: `# lint:ignore RULE reason` behind a line or alone
/// above it, or the annotation for a whole object.
struct LintIgnore: Sendable {
  enum Place: Sendable, Hashable {
    case line(Int)
    /// Findings carry the indices of their objects' ones.
    case object
  }

  /// As it was written: an id, or the number of a fault.
  var name: String
  var reason: String
  var place: Place
  var file: String
  var position: YAMLPosition
  /// The object with the annotation; `comment` for a comment.
  var object: String
  /// Of the field with it; empty for a comment.
  var path: String

  static let keyword = "lint:ignore"
  /// A line for each: rules, a blank, the reason.
  static let annotation = "agentdeploy.dev/lint-ignore"

  var rules: [LintRule] { LintRules.named(name) }

  func concerns(_ finding: Finding, _ index: Int) -> Bool {
    switch place {
    case .line(let line):
      guard finding.file == file, finding.lines.contains(line) else { return false }
    case .object:
      guard finding.objectIgnores.contains(index) else { return false }
    }
    return rules.contains { $0.id == finding.rule }
  }

  /// - Parameter text: `RULE[,RULE...] reason`.
  /// - Returns: the names, one empty one when there is none, and the reason.
  private static func parse(_ text: Substring) -> (names: [String], reason: String) {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let rest = text.drop(while: isBlank)
    let word = rest.prefix { !isBlank($0) }
    let names = word.split(whereSeparator: { $0 == "," }).map(String.init)
    let reason = rest.dropFirst(word.count).drop(while: isBlank)
    return (names.isEmpty ? [""] : names, String(reason))
  }

  /// What comments ask for. One that is alone in its line is about the next line that is none.
  static func all(in comments: [YAMLComment]) -> [LintIgnore] {
    var alone: Set<String> = []
    for comment in comments where comment.isAlone {
      alone.insert("\(comment.position.line) \(comment.file)")
    }
    return comments.flatMap { comment -> [LintIgnore] in
      guard comment.text.hasPrefix(keyword) else { return [] }
      let rest = comment.text.dropFirst(keyword.count)
      guard rest.isEmpty || rest.first == " " || rest.first == "\t" else { return [] }
      var line = comment.position.line
      while alone.contains("\(line) \(comment.file)") { line += 1 }
      let (names, reason) = parse(rest)
      return names.map { name in
        LintIgnore(
          name: name, reason: reason, place: .line(line), file: comment.file,
          position: comment.position, object: "comment", path: "")
      }
    }
  }

  /// What an object's annotation asks for.
  static func all(in object: ManifestObject) -> [LintIgnore] {
    let node = object.root["metadata"]["annotations"][annotation]
    guard let text = node.string else { return [] }
    let error = object.document.error(at: node.pointer, atKey: true, message: "")
    return text.split(whereSeparator: \.isNewline).filter { line in
      !line.allSatisfy(\.isWhitespace)
    }.flatMap { line in
      let (names, reason) = parse(line)
      return names.map { name in
        LintIgnore(
          name: name, reason: reason, place: .object, file: error.file,
          position: error.position ?? YAMLPosition(line: 1, column: 1), object: object.title,
          path: node.path)
      }
    }
  }
}
