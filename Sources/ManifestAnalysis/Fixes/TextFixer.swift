import JSON
import YAML

/// Changes the text of a file as little as possible: comments, order and spaces stay.
///
/// Every change is checked: the changed text must parse to exactly the value that the edit means.
/// What cannot be changed that way, such as flow style in which a member would have to go, is left to
/// a person.
public enum TextFixer {
  public struct Result: Sendable {
    public var text: String
    /// What was put right, in the order of the file.
    public var fixed: [Finding]
  }

  /// - Parameters:
  ///   - findings: of this file, from exactly this text.
  public static func fix(_ text: String, file: String, _ findings: [Finding]) -> Result {
    var text = text
    var fixed: [Finding] = []
    // From the end to the beginning: places above a change stay where they are.
    for finding in findings.reversed() where finding.isFixable && finding.file == file {
      guard let changed = apply(finding, to: text, file) else { continue }
      text = changed
      fixed.append(finding)
    }
    return Result(text: text, fixed: fixed.reversed())
  }

  private static func apply(_ finding: Finding, to text: String, _ file: String) -> String? {
    guard let documents = try? YAML.parse(text, file: file).get(),
      documents.indices.contains(finding.documentIndex)
    else { return nil }
    var expected = documents.map(\.value)
    // Inserts before renames: both find their place by the old name.
    let edits = finding.edits.sorted { a, _ in if case .insert = a { true } else { false } }
    var lines = TextLines(text)
    let document = documents[finding.documentIndex]
    for edit in edits {
      guard let value = expected[finding.documentIndex].applying(edit),
        lines.apply(edit, in: document)
      else { return nil }
      expected[finding.documentIndex] = value
    }
    let changed = lines.text
    guard let result = try? YAML.parse(changed, file: file).get(),
      result.map(\.value) == expected
    else { return nil }
    return changed
  }
}

/// A text by lines, in Unicode scalars as positions count them.
struct TextLines {
  private var lines: [[Unicode.Scalar]]

  init(_ text: String) {
    lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map(Array.init)
  }

  var text: String {
    var scalars = String.UnicodeScalarView()
    for (i, line) in lines.enumerated() {
      if i > 0 { scalars.append("\n") }
      scalars.append(contentsOf: line)
    }
    return String(scalars)
  }

  /// - Returns: false when the text does not have the form that the edit needs.
  mutating func apply(_ edit: FixEdit, in document: YAMLDocument) -> Bool {
    guard let location = document.location(of: edit.pointer), let last = edit.pointer.tokens.last
    else { return false }
    switch edit {
    case .replace(let pointer, let text):
      guard let old = document.value[pointer]?.string else { return false }
      return replace(old, with: text, at: location.value)
    case .renameKey(_, let name):
      guard let key = location.key else { return false }
      return replace(last, with: name, at: key)
    case .remove: return remove(edit.pointer, in: document)
    case .insert(let name, let value, _):
      guard let key = location.key, !value.isContainer else { return false }
      return insert("\(name): \(value.serialized())", after: key, value: location.value)
    }
  }

  private mutating func replace(_ old: String, with new: String, at place: YAMLPosition) -> Bool {
    guard lines.indices.contains(place.line - 1) else { return false }
    var line = lines[place.line - 1]
    let old = Array(old.unicodeScalars)
    var start = place.column - 1
    if line.indices.contains(start), line[start] == "\"" || line[start] == "'" { start += 1 }
    let end = start + old.count
    guard end <= line.count, Array(line[start..<end]) == old else { return false }
    line.replaceSubrange(start..<end, with: Array(new.unicodeScalars))
    lines[place.line - 1] = line
    return true
  }

  /// In block style a line of its own, in flow style after a comma.
  private mutating func insert(
    _ member: String, after key: YAMLPosition, value: YAMLPosition
  ) -> Bool {
    guard key.line == value.line, lines.indices.contains(key.line - 1) else { return false }
    let line = lines[key.line - 1]
    let indent = Array(line.prefix(key.column - 1))
    let isBlock = indent.allSatisfy { $0 == " " || $0 == "-" }
    guard isBlock else {
      var end = value.column - 1
      while end < line.count, line[end] != ",", line[end] != "}" { end += 1 }
      guard end < line.count else { return false }
      lines[key.line - 1].insert(contentsOf: Array(", \(member)".unicodeScalars), at: end)
      return true
    }
    var new = [Unicode.Scalar](repeating: " ", count: indent.count) + Array(member.unicodeScalars)
    if line.last == "\r" { new.append("\r") }
    lines.insert(new, at: key.line)
    return true
  }

  /// A member on a line of its own; with it the parent, when it is the only one.
  private mutating func remove(_ pointer: JSONPointer, in document: YAMLDocument) -> Bool {
    guard let location = document.location(of: pointer), let key = location.key,
      lines.indices.contains(key.line - 1),
      lines[key.line - 1].prefix(key.column - 1).allSatisfy({ $0 == " " })
    else { return false }
    let parent = JSONPointer(tokens: pointer.tokens.dropLast())
    let isOnly = document.value[parent]?.object?.count == 1
    guard key.line == location.value.line || document.value[pointer]?.isContainer == true else {
      return false
    }
    lines.remove(at: key.line - 1)
    return !isOnly || parent.isRoot || remove(parent, in: document)
  }
}

extension JSONValue {
  fileprivate var isContainer: Bool { object != nil || array != nil }
}
