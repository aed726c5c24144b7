/// A place in an expression that does not compile.
struct CELIssue: Error, Sendable, Hashable {
  var message: String
  /// Unicode scalars before the place.
  var offset: Int

  init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }

  /// The text as cel-go prints it: position (line and column from 1), source line, pointer.
  ///
  /// cel-go `common/error.go`, `Error.ToDisplayString`.
  func display(in source: String) -> String {
    var line = 1
    var column = 0
    var lineText = String.UnicodeScalarView()
    var isPast = false
    for (i, scalar) in source.unicodeScalars.enumerated() {
      if i == offset { isPast = true }
      if scalar == "\n" {
        if isPast { break }
        line += 1
        column = 0
        lineText = String.UnicodeScalarView()
      } else {
        if !isPast { column += 1 }
        lineText.append(scalar)
      }
    }
    let text = String(lineText).split(separator: "\t", omittingEmptySubsequences: false)
      .joined(separator: " ")
    return """
      ERROR: <input>:\(line):\(column + 1): \(message)
       | \(text)
       | \(String(repeating: ".", count: column))^
      """
  }
}

/// Why a compiled expression has no value for its input.
struct CELError: Error, Sendable, Hashable {
  var message: String
  /// The expression used up its budget: no `||` may hide this.
  var isExhausted = false

  init(_ message: String) { self.message = message }

  static let exhausted: CELError = {
    var error = CELError("operation cancelled: actual cost limit exceeded")
    error.isExhausted = true
    return error
  }()

  static let noSuchOverload = CELError("no such overload")
  static func noSuchKey(_ key: String) -> CELError { CELError("no such key: \(key)") }
  static func indexOutOfBounds(_ index: Int64) -> CELError {
    CELError("index out of bounds: \(index)")
  }
  static let overflow = CELError("integer overflow")
  static let unsignedOverflow = CELError("unsigned integer overflow")
  static let durationOverflow = CELError("duration overflow")
  static let divisionByZero = CELError("division by zero")
  static let modulusByZero = CELError("modulus by zero")
}
