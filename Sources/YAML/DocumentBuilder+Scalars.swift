import CLibYAML
import JSON

/// The tags of YAML's JSON schema; all others are refused.
enum Tag {
  static let str = "tag:yaml.org,2002:str"
  static let int = "tag:yaml.org,2002:int"
  static let float = "tag:yaml.org,2002:float"
  static let bool = "tag:yaml.org,2002:bool"
  static let null = "tag:yaml.org,2002:null"
  static let map = "tag:yaml.org,2002:map"
  static let seq = "tag:yaml.org,2002:seq"
  static let merge = "tag:yaml.org,2002:merge"
}

extension DocumentBuilder {
  /// The value of the scalar at hand; null after an error.
  mutating func scalar(_ mark: Mark) throws(Stop) -> JSONValue {
    guard let tag = source.tag else {
      return source.isPlain ? try plain(mark) : .string(source.text)
    }
    let meaning = PlainScalar(source.bytes)
    switch tag {
    case Tag.str, "!": return .string(source.text)
    case Tag.int:
      if case .int(let value) = meaning { return .int(value) }
      try misfit("an integer, such as 12", mark)
    case Tag.float:
      if case .double(let value) = meaning { return .double(value) }
      if case .int(let value) = meaning { return .double(Double(value)) }
      try misfit("a number, such as 1.5", mark)
    case Tag.bool:
      if case .bool(let value) = meaning { return .bool(value) }
      try misfit("true or false", mark)
    case Tag.null:
      if case .null = meaning { return .null }
      try misfit("null", mark)
    default:
      try refuse(tag, at: mark)
      return .string(source.text)
    }
    return .null
  }

  private mutating func misfit(_ expected: String, _ mark: Mark) throws(Stop) {
    let text = isPrivate ? "the value" : "\"\(source.shortText)\""
    try report("\(text) does not fit its tag; expected \(expected)", at: mark)
  }

  private mutating func plain(_ mark: Mark) throws(Stop) -> JSONValue {
    switch PlainScalar(source.bytes) {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .double(let value): return .double(value)
    case .string: return .string(source.text)
    case .notFinite:
      try report(
        "\(source.shortText) is no value of JSON, which Kubernetes stores",
        hint: "write a number, or put it in quotes", at: mark)
      return .null
    case .ambiguous(let kubectl, let core):
      switch dialect {
      case .kubectl: return kubectl.value ?? .string(source.text)
      case .core: return core.value ?? .string(source.text)
      case .strict: break
      }
      if isPrivate {
        try report(
          "the value, without quotes, is read differently by kubectl (YAML 1.1) and by YAML 1.2",
          hint: "put it in quotes", at: mark)
        return .null
      }
      let text = source.shortText
      try report(
        "\(text) without quotes is read as \(kubectl.text(text)) by kubectl (YAML 1.1) "
          + "but as \(core.text(text)) by YAML 1.2",
        hint: Self.clearForms(text, kubectl, core), at: mark)
      // For the checks that follow: most likely what the schema wants.
      return kubectl == .bool(true) || kubectl == .bool(false) ? .string(source.text) : .null
    }
  }

  /// Whether messages must not quote the value: those of Secrets are in `data` and `stringData`.
  private var isPrivate: Bool {
    path.contains { $0 == .key("data") || $0 == .key("stringData") }
  }

  private static func clearForms(
    _ text: String, _ kubectl: PlainScalar.Reading, _ core: PlainScalar.Reading
  ) -> String {
    var forms: [String] = ["\"\(text)\""]
    for reading in [kubectl, core] {
      switch reading {
      case .bool(let value): forms.append("\(value)")
      case .int(let value): forms.append("\(value)")
      case .double(let value) where value.isFinite: forms.append("\(value)")
      case .double, .string: break
      }
    }
    return "write " + forms.joined(separator: " or ")
  }

  mutating func refuse(_ tag: String, at mark: Mark) throws(Stop) {
    let prefix = "tag:yaml.org,2002:"
    let name = tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
    try report(
      "the tag \(name) is not supported here",
      hint:
        "use plain values; only !!str, !!int, !!float, !!bool, !!null, !!map and !!seq are known",
      at: mark)
  }

  /// The member name that the scalar at hand gives; nil after an error.
  ///
  /// JSON has only strings as names. `kubectl` turns other scalars into text, so a plain one is
  /// taken where that text is what was written.
  mutating func memberName(_ mark: Mark) throws(Stop) -> String? {
    let text = source.text
    if let tag = source.tag {
      switch tag {
      case Tag.str, "!", Tag.int, Tag.bool, Tag.float: return text
      default:
        try refuse(tag, at: mark)
        return nil
      }
    }
    guard source.isPlain else { return text }
    /// What the readers make of it; nil for numbers whose form they may change.
    let name: String?
    switch PlainScalar(source.bytes) {
    case .string: return text
    case .null:
      try report(
        "the key is null; keys must be strings", hint: "put the key in quotes", at: mark)
      return nil
    case .notFinite: name = nil
    case .bool(let value): name = "\(value)"
    case .int(let value): name = "\(value)"
    case .double(let value):
      // Go's shortest form equals Swift's for plain decimals.
      let keepsForm = abs(value) >= 1e-4 && abs(value) < 1e15 && value != value.rounded()
      name = keepsForm && "\(value)" == text ? text : nil
    case .ambiguous(let kubectl, let core):
      switch dialect == .core ? core : kubectl {
      case .bool(let value): name = "\(value)"
      case .int(let value): name = "\(value)"
      case .string where dialect != .strict: return text
      case .double, .string: name = nil
      }
    }
    if name == text { return text }
    if dialect != .strict, let name { return name }
    let fault = name.map { "is read as \($0) by kubectl" } ?? "is not read alike by all tools"
    try report(
      "the key \(source.shortText) without quotes \(fault)",
      hint: "write \"\(source.shortText)\"", at: mark)
    return text
  }
}

extension EventSource {
  /// The scalar's text, as long as the event is at hand.
  var bytes: UnsafeBufferPointer<UInt8> {
    let scalar = event.data.scalar
    return UnsafeBufferPointer(start: scalar.value, count: scalar.length)
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// For messages.
  var shortText: String {
    let text = text
    return text.utf8.count <= 60 ? text : text.prefix(60) + "…"
  }

  var isPlain: Bool { event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE }

  /// A value that is not there at all, as between two document marks.
  var isEmptyScalar: Bool {
    type == YAML_SCALAR_EVENT && isPlain && bytes.isEmpty && tag == nil && anchor == nil
  }

  var anchor: String? {
    switch type {
    case YAML_SCALAR_EVENT: event.data.scalar.anchor.map(string)
    case YAML_SEQUENCE_START_EVENT: event.data.sequence_start.anchor.map(string)
    case YAML_MAPPING_START_EVENT: event.data.mapping_start.anchor.map(string)
    default: nil
    }
  }

  var tag: String? {
    switch type {
    case YAML_SCALAR_EVENT: event.data.scalar.tag.map(string)
    case YAML_SEQUENCE_START_EVENT: event.data.sequence_start.tag.map(string)
    case YAML_MAPPING_START_EVENT: event.data.mapping_start.tag.map(string)
    default: nil
    }
  }

  var aliasName: String { event.data.alias.anchor.map(string) ?? "" }

  private func string(_ text: UnsafeMutablePointer<UInt8>) -> String { String(cString: text) }
}
