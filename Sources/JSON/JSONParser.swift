/// Why a text is not JSON, and where.
public struct JSONParseError: Error, Sendable, Equatable, CustomStringConvertible {
  public var message: String
  /// Bytes before the fault.
  public var offset: Int
  /// Counted from 1.
  public var line: Int
  /// In bytes, counted from 1.
  public var column: Int

  public var description: String { "line \(line), column \(column): \(message)" }
}

/// What a parser refuses, so that hostile input costs bounded stack and memory.
public struct JSONParseLimits: Sendable {
  /// Arrays and objects inside each other.
  public var maximumDepth: Int
  /// Whether arrays and objects that lie deeper are read as null, instead of refusing the whole text.
  /// They are checked all the same, and refused with more than 20,000 levels, counted from the cut.
  public var cutsDeeperValues: Bool
  /// Whether a member name may stand twice in an object; the last value wins then.
  public var allowsDuplicateKeys: Bool
  /// Member names from the root to a member that is left out, as if it were not there: for large
  /// parts that nobody reads. Arrays on the way do not count: `["items", "metadata"]` is the metadata
  /// of every item. What is left out is only looked at for where it ends.
  public var omittedMember: [String]

  public init(
    maximumDepth: Int = 200, cutsDeeperValues: Bool = false, allowsDuplicateKeys: Bool = false,
    omittedMember: [String] = []
  ) {
    self.maximumDepth = maximumDepth
    self.cutsDeeperValues = cutsDeeperValues
    self.allowsDuplicateKeys = allowsDuplicateKeys
    self.omittedMember = omittedMember
  }
}

extension JSONValue {
  /// Parses one JSON document; only white space may follow it.
  public init(
    parsing bytes: some Sequence<UInt8>, limits: JSONParseLimits = JSONParseLimits()
  ) throws(JSONParseError) {
    let result: Result<JSONValue, JSONParseError>? =
      bytes.withContiguousStorageIfAvailable { Self.parse($0, limits) }
    switch result ?? ContiguousArray(bytes).withUnsafeBufferPointer({ Self.parse($0, limits) }) {
    case .success(let value): self = value
    case .failure(let error): throw error
    }
  }

  public init(parsing text: String, limits: JSONParseLimits = JSONParseLimits())
    throws(JSONParseError)
  {
    var text = text
    let result = text.withUTF8 { Self.parse($0, limits) }
    self = try result.get()
  }

  /// Parses documents that follow each other with nothing but white space between them, as
  /// `kubectl` and `jq` read them. Empty when there is only white space.
  ///
  /// - Returns: each document with the offset of its first byte.
  public static func parseSequence(
    _ bytes: [UInt8], limits: JSONParseLimits = JSONParseLimits()
  ) throws(JSONParseError) -> [(value: JSONValue, offset: Int)] {
    let result: Result<[(value: JSONValue, offset: Int)], JSONParseError> =
      bytes.withUnsafeBufferPointer { bytes in
        var parser = JSONParser(bytes: bytes, limits: limits)
        do throws(JSONParser.Failure) {
          return .success(try parser.documents())
        } catch {
          return .failure(parser.located(error))
        }
      }
    return try result.get()
  }

  private static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONParseLimits
  ) -> Result<JSONValue, JSONParseError> {
    var parser = JSONParser(bytes: bytes, limits: limits)
    do throws(JSONParser.Failure) {
      return .success(try parser.document())
    } catch {
      return .failure(parser.located(error))
    }
  }
}

struct JSONParser: ~Copyable {
  struct Failure: Error {
    var message: String
    var offset: Int
  }

  let bytes: UnsafeBufferPointer<UInt8>
  let limits: JSONParseLimits
  var position = 0
  var depth = 0
  /// How many names of `limits.omittedMember` have led to the container that is read; `offPath` when
  /// other names have.
  private var pathPosition = 0
  private static let offPath = Int.max
  var recentStrings: RecentStrings
  /// Whether equal strings of the result are to share their memory.
  let sharesStrings: Bool
  private var members = ParseStack<JSONObject.Element>()
  private var elements = ParseStack<JSONValue>()

  init(
    bytes: UnsafeBufferPointer<UInt8>, limits: JSONParseLimits, sharesStrings: Bool = true
  ) {
    self.bytes = bytes
    self.limits = limits
    self.sharesStrings = sharesStrings
    recentStrings = RecentStrings(textCount: bytes.count)
  }

  func located(_ failure: Failure) -> JSONParseError {
    let before = bytes.prefix(failure.offset)
    let line = before.lazy.filter { $0 == UInt8(ascii: "\n") }.count + 1
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return JSONParseError(
      message: failure.message, offset: failure.offset, line: line,
      column: failure.offset - lineStart + 1)
  }

  mutating func document() throws(Failure) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    skipWhitespace()
    let value = try value()
    skipWhitespace()
    if position < bytes.count { throw fail("text follows the end of the document") }
    return value
  }

  mutating func documents() throws(Failure) -> [(value: JSONValue, offset: Int)] {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    var documents: [(value: JSONValue, offset: Int)] = []
    skipWhitespace()
    while position < bytes.count {
      let start = position
      documents.append((try value(), start))
      skipWhitespace()
    }
    return documents
  }

  private func fail(_ message: String) -> Failure { Failure(message: message, offset: position) }

  @inline(__always)
  mutating func skipWhitespace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  mutating func value() throws(Failure) -> JSONValue {
    guard position < bytes.count else { throw fail("the document ends where a value is expected") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return isToBeCut ? try cut() : try object()
    case UInt8(ascii: "["): return isToBeCut ? try cut() : try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"):
      try literal("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try literal("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw fail("expected a value")
    }
  }

  private var isToBeCut: Bool { depth >= limits.maximumDepth && limits.cutsDeeperValues }

  private mutating func cut() throws(Failure) -> JSONValue {
    try checkValue()
    return .null
  }

  private mutating func literal(_ text: StaticString) throws(Failure) {
    let length = text.utf8CodeUnitCount
    guard position + length <= bytes.count else { throw fail("expected a value") }
    for i in 0..<length where bytes[position + i] != text.utf8Start[i] {
      throw fail("expected a value")
    }
    position += length
  }

  mutating func enter() throws(Failure) {
    depth += 1
    if depth > limits.maximumDepth {
      throw fail("nested deeper than \(limits.maximumDepth) levels")
    }
    position += 1
    skipWhitespace()
  }

  private mutating func object() throws(Failure) -> JSONValue {
    try enter()
    defer { depth -= 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
      position += 1
      return .object(JSONObject())
    }
    let first = members.count
    let ownPosition = pathPosition
    defer { pathPosition = ownPosition }
    /// Takes over when the object is too large to search it for every new name.
    var large: JSONObject?
    while true {
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw fail("expected a member name in double quotes")
      }
      let start = position
      let key = try string()
      skipWhitespace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
        throw fail("expected \":\" after the member name")
      }
      position += 1
      skipWhitespace()
      var isNew: Bool? = true
      var value = JSONValue.null
      if isOmitted(key, ownPosition) {
        try skipValue()
      } else {
        value = try self.value()
        isNew =
          large == nil ? push(key, value, above: first) : large?.appendUnlessPresent(key, value)
      }
      if isNew == false {
        guard limits.allowsDuplicateKeys else {
          throw Failure(message: "member \"\(key)\" stands twice in an object", offset: start)
        }
        if large == nil {
          large = JSONObject(uniqueEntries: members.popContiguousArray(from: first))
        }
        large?[key] = value
      } else if large == nil, members.count - first > JSONObject.indexThreshold {
        large = JSONObject(uniqueEntries: members.popContiguousArray(from: first))
      }
      skipWhitespace()
      guard position < bytes.count else { throw fail("the object is not closed") }
      switch bytes[position] {
      case UInt8(ascii: ","):
        position += 1
        skipWhitespace()
      case UInt8(ascii: "}"):
        position += 1
        return .object(
          large ?? JSONObject(uniqueEntries: members.popContiguousArray(from: first)))
      default: throw fail("expected \",\" or \"}\"")
      }
    }
  }

  /// Also keeps the path for what the member holds.
  @inline(__always)
  private mutating func isOmitted(_ key: String, _ ownPosition: Int) -> Bool {
    guard ownPosition < limits.omittedMember.count else { return false }
    guard MemberName.isSame(limits.omittedMember[ownPosition], key) else {
      pathPosition = Self.offPath
      return false
    }
    pathPosition = ownPosition + 1
    return pathPosition == limits.omittedMember.count
  }

  /// False, and no change, when the object that began at `first` has the name already.
  @inline(__always)
  private mutating func push(
    _ key: consuming String, _ value: consuming JSONValue, above first: Int
  ) -> Bool {
    let known = members.elements(from: first)
    for i in known.indices where MemberName.isSame(known[i].key, key) { return false }
    members.push((key, value))
    return true
  }

  private mutating func array() throws(Failure) -> JSONValue {
    try enter()
    defer { depth -= 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
      position += 1
      return .array([])
    }
    let first = elements.count
    while true {
      elements.push(try value())
      skipWhitespace()
      guard position < bytes.count else { throw fail("the array is not closed") }
      switch bytes[position] {
      case UInt8(ascii: ","):
        position += 1
        skipWhitespace()
      case UInt8(ascii: "]"):
        position += 1
        return .array(elements.popArray(from: first))
      default: throw fail("expected \",\" or \"]\"")
      }
    }
  }

  private mutating func number() throws(Failure) -> JSONValue {
    let start = position
    var isWhole = true
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    guard let first = peek(), isDigit(first) else { throw fail("expected a digit") }
    position += 1
    if first == UInt8(ascii: "0") {
      if let next = peek(), isDigit(next) { throw fail("a number may not start with 0") }
    } else {
      while let next = peek(), isDigit(next) { position += 1 }
    }
    if peek() == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      try digits()
    }
    if let next = peek(), next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isWhole = false
      position += 1
      if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    let slice = bytes[start..<position]
    if isWhole, let value = Self.integer(slice) { return .int(value) }
    guard let value = Double(String(decoding: slice, as: UTF8.self)), value.isFinite else {
      throw Failure(message: "the number is out of range", offset: start)
    }
    return .double(value)
  }

  private mutating func digits() throws(Failure) {
    guard let first = peek(), isDigit(first) else { throw fail("expected a digit") }
    while let next = peek(), isDigit(next) { position += 1 }
  }

  func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }
  private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  private static func integer(_ slice: Slice<UnsafeBufferPointer<UInt8>>) -> Int64? {
    let negative = slice.first == UInt8(ascii: "-")
    if negative, slice.count == 2, slice.last == UInt8(ascii: "0") { return nil }  // -0 is a double
    var value: Int64 = 0
    for byte in negative ? slice.dropFirst() : slice {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = product.subtractingReportingOverflow(Int64(byte &- 0x30))
      if overflow || overflow2 { return nil }
      value = sum  // gathered as a negative number, so that Int64.min fits
    }
    if negative { return value }
    return value == .min ? nil : -value
  }
}
