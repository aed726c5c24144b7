public import JSON

/// How YAML is written.
public struct YAMLEmitOptions: Sendable {
  /// Members in the order of their names' UTF-8 bytes, as `kubectl -o yaml` has them, instead of
  /// the order they were put in.
  public var sortsKeys: Bool

  public init(sortsKeys: Bool = false) { self.sortsKeys = sortsKeys }
}

extension YAML {
  /// One document in block style, as `kubectl` writes it: two spaces a level, sequences not
  /// indented under their name, ending in a line break.
  ///
  /// Reads back as the same value, by YAML 1.1 and 1.2 alike: text that either could take for
  /// something else is quoted. Infinities and NaN, which JSON does not have, are written as null.
  public static func emit(
    _ value: JSONValue, options: YAMLEmitOptions = YAMLEmitOptions()
  ) -> String {
    var emitter = YAMLEmitter(options: options)
    emitter.document(value)
    return String(decoding: emitter.bytes, as: UTF8.self)
  }

  /// Documents with `---` between them.
  public static func emit(
    documents: [JSONValue], options: YAMLEmitOptions = YAMLEmitOptions()
  ) -> String {
    String(decoding: emitBytes(documents: documents, options: options), as: UTF8.self)
  }

  /// The UTF-8 of `emit(documents:options:)`.
  public static func emitBytes(
    documents: [JSONValue], options: YAMLEmitOptions = YAMLEmitOptions()
  ) -> [UInt8] {
    var emitter = YAMLEmitter(options: options)
    for (index, document) in documents.enumerated() {
      if index > 0 { emitter.append("---\n") }
      emitter.document(document)
    }
    return emitter.bytes
  }
}

struct YAMLEmitter {
  let options: YAMLEmitOptions
  var bytes: [UInt8] = []

  init(options: YAMLEmitOptions) { self.options = options }

  mutating func document(_ value: JSONValue) {
    switch value {
    case .object(let object) where !object.isEmpty: mapping(object, indent: 0)
    case .array(let elements) where !elements.isEmpty: sequence(elements, indent: 0)
    default: scalar(value, contentIndent: 2)
    }
  }

  mutating func append(_ text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func indent(_ count: Int) {
    bytes.append(contentsOf: repeatElement(0x20, count: count))
  }

  /// The caller has written the indentation of the first member.
  private mutating func mapping(_ object: JSONObject, indent: Int) {
    var isFirst = true
    if options.sortsKeys {
      for (key, value) in object.sortedByKey() { member(key, value, indent, &isFirst) }
    } else {
      for (key, value) in object { member(key, value, indent, &isFirst) }
    }
  }

  private mutating func member(
    _ key: String, _ value: JSONValue, _ indent: Int, _ isFirst: inout Bool
  ) {
    if !isFirst { self.indent(indent) }
    isFirst = false
    let start = bytes.count
    string(key, contentIndent: nil)
    // A parser looks only 1024 characters far for the colon of a name without "?".
    if bytes.count - start > 1000 {
      bytes.insert(contentsOf: "? ".utf8, at: start)
      append("\n")
      self.indent(indent)
    }
    append(":")
    switch value {
    case .object(let object) where !object.isEmpty:
      append("\n")
      self.indent(indent + 2)
      mapping(object, indent: indent + 2)
    case .array(let elements) where !elements.isEmpty:
      append("\n")
      self.indent(indent)
      sequence(elements, indent: indent)
    default:
      append(" ")
      scalar(value, contentIndent: indent + 2)
    }
  }

  /// The caller has written the indentation of the first element.
  private mutating func sequence(_ elements: [JSONValue], indent: Int) {
    for (index, element) in elements.enumerated() {
      if index > 0 { self.indent(indent) }
      append("- ")
      switch element {
      case .object(let object) where !object.isEmpty: mapping(object, indent: indent + 2)
      case .array(let inner) where !inner.isEmpty: sequence(inner, indent: indent + 2)
      default: scalar(element, contentIndent: indent + 2)
      }
    }
  }

  /// What fits behind a name or dash, with the line break.
  private mutating func scalar(_ value: JSONValue, contentIndent: Int) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .int(let value): bytes.append(contentsOf: String(value).utf8)
    case .double(let value): number(value)
    case .string(let text):
      string(text, contentIndent: contentIndent)
      if bytes.last == 0x0A { return }  // a block scalar ends its last line itself
    case .array: append("[]")
    case .object: append("{}")
    }
    append("\n")
  }

  /// YAML 1.1 wants a point in every float, so that 1e+16 becomes 1.0e+16.
  private mutating func number(_ value: Double) {
    guard value.isFinite else { return append("null") }
    let text = value.description.utf8
    let exponent = text.firstIndex(of: UInt8(ascii: "e")) ?? text.endIndex
    bytes.append(contentsOf: text[..<exponent])
    if !text.contains(UInt8(ascii: ".")) { append(".0") }
    bytes.append(contentsOf: text[exponent...])
  }
}
