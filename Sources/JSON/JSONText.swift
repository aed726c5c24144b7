/// Reads a JSON text piece by piece, for those who keep or leave out parts of it as they stand: what
/// is passed over is checked as `JSONValue(parsing:)` checks it, but nothing is made of it.
///
/// Two differences: whether names stand twice in an object is not looked at, and values may be nested
/// as deeply as API servers take them. What is made of those has null where it lies too deep.
package struct JSONText: ~Copyable {
  private var parser: JSONParser

  package init(_ bytes: UnsafeBufferPointer<UInt8>) {
    parser = JSONParser(
      bytes: bytes, limits: JSONParseLimits(cutsDeeperValues: true, allowsDuplicateKeys: true),
      sharesStrings: false)
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
      return try parser.checkName()
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
