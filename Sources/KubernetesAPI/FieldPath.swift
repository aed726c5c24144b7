/// Where a value is in an object, for messages: `spec.env[2].name`.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible, ExpressibleByArrayLiteral {
  public enum Component: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral
  {
    case key(String)
    case index(Int)

    public init(stringLiteral value: String) { self = .key(value) }
    public init(integerLiteral value: Int) { self = .index(value) }
  }

  public var components: [Component]

  public init(_ components: [Component] = []) { self.components = components }
  public init(arrayLiteral elements: Component...) { components = elements }

  public var isRoot: Bool { components.isEmpty }

  public func appending(_ key: String) -> FieldPath { FieldPath(components + [.key(key)]) }
  public func appending(_ index: Int) -> FieldPath { FieldPath(components + [.index(index)]) }

  /// Keys that are no plain identifiers stand in brackets: `metadata.labels[app.kubernetes.io/name]`.
  public var description: String {
    var text = ""
    for component in components {
      switch component {
      case .index(let index): text += "[\(index)]"
      case .key(let key) where key.isEmpty || key.utf8.contains(where: Self.needsBrackets):
        text += "[\(Self.oneLine(key))]"
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
