/// Reads a JSON text piece by piece, for those who keep or leave out parts of it as they stand: what
/// is passed over is checked as `JSONValue(parsing:)` checks it, but nothing is made of it.
///
/// The one difference: whether names stand twice in an object is not looked at.
package struct JSONText: ~Copyable {
  private var parser: JSONParser

  package init(_ bytes: UnsafeBufferPointer<UInt8>) {
    parser = JSONParser(
      bytes: bytes, limits: JSONParseLimits(allowsDuplicateKeys: true), sharesStrings: false)
    parser.skipWhitespace()
  }

  /// Of the next byte.
  package var position: Int { parser.position }

  package var isAtObject: Bool { parser.peek() == UInt8(ascii: "{") }

  /// Goes into the object that begins here.
  ///
  /// - Returns: false when it is empty, and passed over.
  package mutating func enterObject() throws(JSONParseError) -> Bool {
    guard isAtObject else { throw error("expected an object") }
    do throws(JSONParser.Failure) {
      try parser.enter()
    } catch {
      throw parser.located(error)
    }
    guard parser.peek() == UInt8(ascii: "}") else { return true }
    leaveObject()
    return false
  }

  /// The bytes of the member's name as they stand in the text; its value comes next.
  package mutating func name() throws(JSONParseError) -> Range<Int> {
    do throws(JSONParser.Failure) {
      let start = parser.position + 1
      guard parser.peek() == UInt8(ascii: "\"") else {
        throw JSONParser.Failure(
          message: "expected a member name in double quotes", offset: parser.position)
      }
      try parser.checkString()
      let end = parser.position - 1
      parser.skipWhitespace()
      guard parser.peek() == UInt8(ascii: ":") else {
        throw JSONParser.Failure(
          message: "expected \":\" after the member name", offset: parser.position)
      }
      parser.position += 1
      parser.skipWhitespace()
      return start..<end
    } catch {
      throw parser.located(error)
    }
  }

  /// After a member's value: whether another member follows. The object is left otherwise.
  package mutating func hasNextMember() throws(JSONParseError) -> Bool {
    parser.skipWhitespace()
    switch parser.peek() {
    case UInt8(ascii: ","):
      parser.position += 1
      parser.skipWhitespace()
      return true
    case UInt8(ascii: "}"):
      leaveObject()
      return false
    case nil: throw error("the object is not closed")
    default: throw error("expected \",\" or \"}\"")
    }
  }

  private mutating func leaveObject() {
    parser.position += 1
    parser.depth -= 1
  }

  /// Passes over the value that begins here.
  package mutating func pass() throws(JSONParseError) {
    do throws(JSONParser.Failure) {
      try parser.checkValue()
    } catch {
      throw parser.located(error)
    }
  }

  package mutating func value() throws(JSONParseError) -> JSONValue {
    do throws(JSONParser.Failure) {
      return try parser.value()
    } catch {
      throw parser.located(error)
    }
  }

  /// Throws when anything but white space follows.
  package mutating func end() throws(JSONParseError) {
    parser.skipWhitespace()
    if parser.peek() != nil { throw error("text follows the end of the document") }
  }

  private func error(_ message: String) -> JSONParseError {
    parser.located(JSONParser.Failure(message: message, offset: parser.position))
  }
}

extension JSONParser {
  /// Like `value`, without making one.
  mutating func checkValue() throws(Failure) {
    switch peek() {
    case UInt8(ascii: "\""): try checkString()
    case UInt8(ascii: "{"): try checkObject()
    case UInt8(ascii: "["): try checkArray()
    default: _ = try value()
    }
  }

  private mutating func checkObject() throws(Failure) {
    try enter()
    defer { depth -= 1 }
    if peek() == UInt8(ascii: "}") {
      position += 1
      return
    }
    while true {
      guard peek() == UInt8(ascii: "\"") else {
        throw Failure(message: "expected a member name in double quotes", offset: position)
      }
      try checkString()
      skipWhitespace()
      guard peek() == UInt8(ascii: ":") else {
        throw Failure(message: "expected \":\" after the member name", offset: position)
      }
      position += 1
      skipWhitespace()
      try checkValue()
      skipWhitespace()
      switch peek() {
      case UInt8(ascii: ","):
        position += 1
        skipWhitespace()
      case UInt8(ascii: "}"):
        position += 1
        return
      case nil: throw Failure(message: "the object is not closed", offset: position)
      default: throw Failure(message: "expected \",\" or \"}\"", offset: position)
      }
    }
  }

  private mutating func checkArray() throws(Failure) {
    try enter()
    defer { depth -= 1 }
    if peek() == UInt8(ascii: "]") {
      position += 1
      return
    }
    while true {
      try checkValue()
      skipWhitespace()
      switch peek() {
      case UInt8(ascii: ","):
        position += 1
        skipWhitespace()
      case UInt8(ascii: "]"):
        position += 1
        return
      case nil: throw Failure(message: "the array is not closed", offset: position)
      default: throw Failure(message: "expected \",\" or \"]\"", offset: position)
      }
    }
  }
}
