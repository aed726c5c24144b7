/// A place in a text.
public struct YAMLPosition: Sendable, Hashable, CustomStringConvertible {
  /// Counted from 1.
  public var line: Int
  /// In Unicode scalars, counted from 1; in JSON syntax errors in bytes.
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public var description: String { "\(line):\(column)" }
}

/// Something wrong in a file, for the person who wrote it.
public struct YAMLError: Error, Sendable, Hashable {
  public var file: String
  /// Nil when the file as a whole is meant.
  public var position: YAMLPosition?
  /// The field as messages name it, such as `spec.env[2].name`; empty at the top.
  public var path: String
  public var message: String
  /// How to put it right.
  public var hint: String?
  /// Whether the rest of the file could not be read.
  var endsFile = false

  public init(
    file: String, position: YAMLPosition? = nil, path: String = "", message: String,
    hint: String? = nil
  ) {
    self.file = file
    self.position = position
    self.path = path
    self.message = message
    self.hint = hint
  }

  public var line: Int? { position?.line }
  public var column: Int? { position?.column }
}

extension YAMLError: CustomStringConvertible {
  /// `file:line:column: path: message (hint)`, the form that editors can jump to.
  public var description: String {
    var text = file
    if let position { text += ":\(position)" }
    if !path.isEmpty { text += ": \(path)" }
    text += ": \(message)"
    if let hint { text += " (\(hint))" }
    return text
  }
}

/// All that is wrong with some input.
public struct YAMLFailure: Error, Sendable, CustomStringConvertible {
  public var errors: [YAMLError]

  public init(errors: [YAMLError]) { self.errors = errors }

  /// One error a line.
  public var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// The way to a value, for messages.
enum PathComponent: Hashable {
  case key(String)
  case index(Int)

  /// Names that hold a dot, slash, bracket or space stand in brackets:
  /// `metadata.labels[app.kubernetes.io/name]`.
  /// The middle of very long paths is left out.
  static func text(_ path: [PathComponent]) -> String {
    guard path.count <= 40 else {
      return text(Array(path.prefix(20))) + "…" + text(Array(path.suffix(10)))
    }
    var text = ""
    for component in path {
      switch component {
      case .index(let index): text += "[\(index)]"
      case .key(let key) where key.isEmpty || key.utf8.contains(where: needsBrackets):
        text += "[\(oneLine(key))]"
      case .key(let key): text += text.isEmpty ? key : ".\(key)"
      }
    }
    return text
  }

  /// Line breaks and other control characters are escaped: a path never splits a line.
  private static func oneLine(_ key: String) -> String {
    guard key.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      return key
    }
    return key.unicodeScalars.map { $0.escaped(asASCII: false) }.joined()
  }

  private static func needsBrackets(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: " "), 0..<0x20, 0x7F:
      true
    default: false
    }
  }
}
