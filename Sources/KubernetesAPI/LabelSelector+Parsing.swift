extension LabelSelector {
  /// Reads the text form: `a=b,c!=d,e in (x,y),f notin (z),!g,h,i>3`. Empty text selects everything.
  ///
  /// - Throws: `SelectorError` naming the part that cannot be read.
  public init(parsing text: String) throws(SelectorError) {
    var parser = SelectorParser(text)
    self.init(try parser.parse())
  }

  /// Nil when the text is no selector; `init(parsing:)` says why.
  public init?(_ text: String) {
    guard let selector = try? LabelSelector(parsing: text) else { return nil }
    self = selector
  }
}

/// The grammar of apimachinery `pkg/labels/selector.go`.
private struct SelectorParser {
  let text: String
  let bytes: [UInt8]
  var position = 0

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  mutating func parse() throws(SelectorError) -> [LabelSelector.Requirement] {
    var requirements: [LabelSelector.Requirement] = []
    skipBlanks()
    if position == bytes.count { return [] }
    while true {
      requirements.append(try parseRequirement())
      skipBlanks()
      if position == bytes.count { return requirements }
      guard take(",") else { throw error("expected ',' or the end") }
    }
  }

  private mutating func parseRequirement() throws(SelectorError) -> LabelSelector.Requirement {
    skipBlanks()
    if take("!") { return try .checked(try key(), .doesNotExist, []) }
    let key = try key()
    skipBlanks()
    if position == bytes.count || bytes[position] == UInt8(ascii: ",") {
      return try .checked(key, .exists, [])
    }
    if take("!=") { return try .checked(key, .notIn, [word()]) }
    if take("==") || take("=") { return try .checked(key, .in, [word()]) }
    if take(">") { return try .checked(key, .greaterThan, [word()]) }
    if take("<") { return try .checked(key, .lessThan, [word()]) }
    switch word() {
    case "in": return try .checked(key, .in, try values())
    case "notin": return try .checked(key, .notIn, try values())
    default:
      throw error("expected one of '=', '==', '!=', 'in', 'notin', '>', '<' after \"\(key)\"")
    }
  }

  private mutating func key() throws(SelectorError) -> String {
    let key = word()
    guard !key.isEmpty else { throw error("expected a label key") }
    return key
  }

  private mutating func values() throws(SelectorError) -> [String] {
    skipBlanks()
    guard take("(") else { throw error("expected '('") }
    var values: Set<String> = []
    while true {
      values.insert(word())
      skipBlanks()
      if take(")") { return values.sorted() }
      guard take(",") else { throw error("expected ',' or ')'") }
    }
  }

  /// Up to the next blank or operator; may be empty.
  private mutating func word() -> String {
    skipBlanks()
    let start = position
    while position < bytes.count, !" \t\r\n=!(),<>".utf8.contains(bytes[position]) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func skipBlanks() {
    while position < bytes.count, " \t\r\n".utf8.contains(bytes[position]) { position += 1 }
  }

  private mutating func take(_ token: String) -> Bool {
    guard bytes[position...].starts(with: token.utf8) else { return false }
    position += token.utf8.count
    return true
  }

  private func error(_ problem: String) -> SelectorError {
    SelectorError("label selector \"\(text)\", character \(position + 1): \(problem)")
  }
}
