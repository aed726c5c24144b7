import CLibYAML

/// A comment of a file: what stands behind a `#` outside of all values.
public struct YAMLComment: Sendable, Hashable {
  public var file: String
  /// Of the `#`.
  public var position: YAMLPosition
  /// Without the `#` and the blanks around it.
  public var text: String
  /// Nothing else stands in its line.
  public var isAlone: Bool
}

extension YAML {
  /// All comments, in the order of the file; at a syntax error those before it. The parser itself
  /// skips them, so this reads the text once more: every `#` after a blank that is in no scalar begins
  /// a comment (https://yaml.org/spec/1.2.2/#66-comments).
  public static func comments(in bytes: [UInt8], file: String) -> [YAMLComment] {
    guard bytes.contains(UInt8(ascii: "#")) else { return [] }
    var scanner = CommentScanner(text: bytes, file: file)
    bytes.withUnsafeBufferPointer { buffer in
      let source = EventSource(buffer)
      while source.next() {
        if source.type == YAML_STREAM_END_EVENT {
          scanner.scan(to: .max)
          break
        }
        if source.type == YAML_SCALAR_EVENT { scanner.skip(source.event) }
      }
    }
    return scanner.comments
  }
}

/// Goes through a text beside its scalars.
private struct CommentScanner {
  private let text: [Unicode.Scalar]
  private let file: String
  private(set) var comments: [YAMLComment] = []
  private var index = 0
  private var line = 1
  /// Where the line begins.
  private var start = 0
  private var isAlone = true

  init(text: [UInt8], file: String) {
    var scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
    // libyaml does not count it.
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    self.text = scalars
    self.file = file
  }

  /// - Parameter event: a scalar.
  mutating func skip(_ event: yaml_event_t) {
    let style = event.data.scalar.style
    var begin = Int(clamping: event.start_mark.index)
    scan(to: begin)
    if style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE {
      // Behind the indicator there may be a comment.
      while begin < text.count, !Self.isBreak(text[begin]) { begin += 1 }
      scan(to: begin)
    }
    advance(to: Int(clamping: event.end_mark.index))
  }

  mutating func scan(to end: Int) {
    while index < min(end, text.count) {
      let isFirst = index == start || [" ", "\t"].contains(text[index - 1])
      if text[index] == "#", isFirst { comment() } else { step() }
    }
  }

  private mutating func comment() {
    let begin = index
    let wasAlone = isAlone
    while index < text.count, !Self.isBreak(text[index]) { index += 1 }
    var content = String.UnicodeScalarView()
    content.append(contentsOf: text[(begin + 1)..<index])
    comments.append(
      YAMLComment(
        file: file, position: YAMLPosition(line: line, column: begin - start + 1),
        text: String(content).trimmed, isAlone: wasAlone))
  }

  private mutating func advance(to end: Int) {
    while index < min(end, text.count) { step() }
  }

  private mutating func step() {
    let character = text[index]
    index += 1
    if Self.isBreak(character) {
      if character == "\r", index < text.count, text[index] == "\n" { index += 1 }
      line += 1
      start = index
      isAlone = true
    } else if character != " ", character != "\t" {
      isAlone = false
    }
  }

  /// As libyaml counts lines.
  private static func isBreak(_ character: Unicode.Scalar) -> Bool {
    switch character {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var rest = self[...].drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return String(rest)
  }
}
