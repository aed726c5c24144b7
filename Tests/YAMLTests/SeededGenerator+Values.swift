import JSON
import Simulation

/// Random values, many of which are hard for YAML.
extension SeededGenerator {
  mutating func value(depth: Int = 4) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &self) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &self))
    case 2: return .int(integer())
    case 3: return .double(double())
    case 4, 5: return .string(string())
    case 6:
      return .array((0..<Int.random(in: 0...4, using: &self)).map { _ in value(depth: depth - 1) })
    default:
      // Sometimes large enough for the object's index.
      let count =
        Int.random(in: 0...20, using: &self) == 0 ? 40 : Int.random(in: 0...5, using: &self)
      var object = JSONObject()
      for _ in 0..<count { object[string()] = value(depth: depth - 1) }
      return .object(object)
    }
  }

  mutating func integer() -> Int64 {
    switch Int.random(in: 0..<4, using: &self) {
    case 0: return Int64.random(in: -10...10, using: &self)
    case 1: return Int64.random(in: .min ... .max, using: &self)
    case 2: return .max
    default: return .min
    }
  }

  mutating func double() -> Double {
    while true {
      let value = Double(bitPattern: next())
      if value.isFinite { return value }
    }
  }

  /// Mostly text that looks like something else to YAML.
  mutating func string() -> String {
    switch Int.random(in: 0..<8, using: &self) {
    case 0, 1: return NastyText.whole.randomElement(using: &self) ?? ""
    case 2, 3:
      let count = Int.random(in: 1...5, using: &self)
      return (0..<count).map { _ in NastyText.pieces.randomElement(using: &self) ?? "" }.joined()
    case 4: return numberLike()
    case 5:
      return (NastyText.whole.randomElement(using: &self) ?? "")
        + (NastyText.pieces.randomElement(using: &self) ?? "")
    case 6: return unicode()
    default: return (0..<Int.random(in: 1...12, using: &self)).map { _ in letter() }.joined()
    }
  }

  /// Digits, signs, points and letters of numbers, in any order.
  mutating func numberLike() -> String {
    let alphabet = [
      "0", "1", "7", "8", "9", "0", "1", "+", "-", ".", "_", "e", "E", "x", "o", "b", ":", "a", "f",
      "0x", "0o", "0b", "00", ".inf", ".nan",
    ]
    return (0..<Int.random(in: 1...6, using: &self))
      .map { _ in alphabet.randomElement(using: &self) ?? "0" }.joined()
  }

  private mutating func letter() -> String {
    String(UnicodeScalar(UInt8.random(in: 0x61...0x7A, using: &self)))
  }

  private mutating func unicode() -> String {
    var scalars = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 1...15, using: &self) {
      let range: ClosedRange<UInt32> =
        [
          0...0x1F, 0x20...0x7E, 0x7F...0xA1, 0xA0...0x7FF, 0x2027...0x202A, 0xFE00...0xFFFF,
          0x800...0xFFFF, 0x10000...0x10FFFF,
        ]
        .randomElement(using: &self) ?? 0x20...0x7E
      if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &self)) {
        scalars.append(scalar)
      }
    }
    return String(scalars)
  }
}
