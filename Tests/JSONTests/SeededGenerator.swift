import JSON

/// SplitMix64: the same seed always gives the same values.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

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

  mutating func string() -> String {
    let count = Int.random(in: 0...20, using: &self)
    var scalars = String.UnicodeScalarView()
    for _ in 0..<count {
      let range: ClosedRange<UInt32> =
        [
          0...0x1F, 0x20...0x7E, 0x22...0x22, 0x5C...0x5C, 0x7F...0x7FF, 0x800...0xFFFF,
          0x10000...0x10FFFF,
        ]
        .randomElement(using: &self) ?? 0x20...0x7E
      if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &self)) {
        scalars.append(scalar)
      }
    }
    return String(scalars)
  }
}
