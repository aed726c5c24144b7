extension JSONParser {
  /// Twice what API servers take (https://pkg.go.dev/sigs.k8s.io/json), for what they put around and
  /// beside it.
  private static let maximumCheckedDepth = 20_000

  /// Like `value`, without making one, and in a few bytes for any depth.
  mutating func checkValue() throws(Failure) {
    var open = OpenContainers()
    repeat {
      switch peek() {
      case UInt8(ascii: "\""): try checkString()
      case UInt8(ascii: "{"):
        try enter(&open, isObject: true)
        if peek() != UInt8(ascii: "}") {
          try checkName()
          continue
        }
      case UInt8(ascii: "["):
        try enter(&open, isObject: false)
        if peek() != UInt8(ascii: "]") { continue }
      default: _ = try value()
      }
      try leave(&open)
    } while !open.isEmpty
  }

  private mutating func enter(
    _ open: inout OpenContainers, isObject: Bool
  ) throws(Failure) {
    guard open.count < Self.maximumCheckedDepth else {
      throw Failure(
        message: "nested deeper than \(Self.maximumCheckedDepth) levels", offset: position)
    }
    open.push(isObject: isObject)
    position += 1
    skipWhitespace()
  }

  /// Passes over a member's name and the colon after it.
  ///
  /// - Returns: where the name stands, without its quotes.
  @discardableResult
  mutating func checkName() throws(Failure) -> Range<Int> {
    let start = position + 1
    guard peek() == UInt8(ascii: "\"") else {
      throw Failure(message: "expected a member name in double quotes", offset: position)
    }
    try checkString()
    let end = position - 1
    skipWhitespace()
    guard peek() == UInt8(ascii: ":") else {
      throw Failure(message: "expected \":\" after the member name", offset: position)
    }
    position += 1
    skipWhitespace()
    return start..<end
  }

  /// After a value, or at the end of an empty container: up to where the next value begins.
  private mutating func leave(_ open: inout OpenContainers) throws(Failure) {
    while !open.isEmpty {
      skipWhitespace()
      let isObject = open.isInObject
      switch peek() {
      case UInt8(ascii: ","):
        position += 1
        skipWhitespace()
        if isObject { try checkName() }
        return
      case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
        position += 1
        open.pop()
      case nil:
        throw Failure(
          message: isObject ? "the object is not closed" : "the array is not closed",
          offset: position)
      default:
        throw Failure(
          message: isObject ? "expected \",\" or \"}\"" : "expected \",\" or \"]\"",
          offset: position)
      }
    }
  }
}

/// Which containers are open: a bit for each, and no memory for the first 64.
private struct OpenContainers {
  private(set) var count = 0
  /// The innermost ones, the last one lowest.
  private var kinds: UInt64 = 0
  /// 64 each, of those further out.
  private var outer: [UInt64] = []

  var isEmpty: Bool { count == 0 }
  var isInObject: Bool { kinds & 1 == 1 }

  mutating func push(isObject: Bool) {
    if count > 0, count % 64 == 0 { outer.append(kinds) }
    kinds = kinds << 1 | (isObject ? 1 : 0)
    count += 1
  }

  mutating func pop() {
    count -= 1
    kinds = count > 0 && count % 64 == 0 ? outer.removeLast() : kinds >> 1
  }
}
