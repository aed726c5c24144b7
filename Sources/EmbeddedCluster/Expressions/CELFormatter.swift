/// `"%s is %d".format([…])` (cel-go `ext/formatting.go`).
enum CELFormatter {
  static func format(_ text: String, _ arguments: [CELValue]) throws(CELError) -> String {
    var result = ""
    var rest = arguments[...]
    var scalars = text.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      guard var verb = scalars.next() else { throw CELError("unexpected end of format string") }
      if verb == "%" {
        result += "%"
        continue
      }
      var precision: Int?
      if verb == "." {
        var digits = ""
        while let next = scalars.next() {
          verb = next
          guard ("0"..."9").contains(next) else { break }
          digits.unicodeScalars.append(next)
        }
        guard let number = Int(digits), number <= 100 else {
          throw CELError("error while building precision: invalid precision \"\(digits)\"")
        }
        precision = number
      }
      guard let argument = rest.popFirst() else {
        throw CELError("index \(arguments.count) out of range")
      }
      result += try clause(verb, argument, precision)
    }
    return result
  }

  private static func clause(
    _ verb: Unicode.Scalar, _ value: CELValue, _ precision: Int?
  ) throws(CELError) -> String {
    switch (verb, value) {
    case ("s", _): return CELText.display(value)
    case ("d", .int), ("d", .uint): return CELText.display(value)
    case ("d", .double(let number)) where number.isNaN || number.isInfinite:
      return CELText.formatted(number, "f", precision: 0)
    case ("f", _), ("e", _):
      guard let number = double(value) else { break }
      return CELText.formatted(number, String(verb), precision: precision ?? 6)
    case ("b", .bool(let value)): return value ? "1" : "0"
    case ("b", .int(let number)): return String(number, radix: 2)
    case ("b", .uint(let number)): return String(number, radix: 2)
    case ("o", .int(let number)): return String(number, radix: 8)
    case ("o", .uint(let number)): return String(number, radix: 8)
    case ("x", .int(let number)): return String(number, radix: 16)
    case ("x", .uint(let number)): return String(number, radix: 16)
    case ("X", .int(let number)): return String(number, radix: 16, uppercase: true)
    case ("X", .uint(let number)): return String(number, radix: 16, uppercase: true)
    case ("x", .string(let text)): return hexadecimal(Array(text.utf8), uppercase: false)
    case ("X", .string(let text)): return hexadecimal(Array(text.utf8), uppercase: true)
    case ("x", .bytes(let bytes)): return hexadecimal(bytes, uppercase: false)
    case ("X", .bytes(let bytes)): return hexadecimal(bytes, uppercase: true)
    default:
      guard "dboxX".unicodeScalars.contains(verb) else {
        throw CELError(
          "could not parse formatting clause: unrecognized formatting clause \"\(verb)\"")
      }
    }
    throw CELError(
      "error during formatting: no formatting clause %\(verb) for type \(value.typeName)")
  }

  private static func double(_ value: CELValue) -> Double? {
    switch value {
    case .double(let number): number
    case .int(let number): Double(number)
    case .uint(let number): Double(number)
    default: nil
    }
  }

  private static func hexadecimal(_ bytes: [UInt8], uppercase: Bool) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16, uppercase: uppercase)
      return digits.utf8.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
