import Synchronization

/// Makes uids, name suffixes and other arbitrary values from a seed: the same seed, the same values.
final class IdentifierSource: Sendable {
  private let state: Mutex<UInt64>

  init(seed: UInt64) { state = Mutex(seed) }

  /// Goes on as the other one will.
  init(copyOf other: IdentifierSource) { state = Mutex(other.state.withLock { $0 }) }

  /// SplitMix64, https://prng.di.unimi.it/splitmix64.c
  func next() -> UInt64 {
    state.withLock { state in
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  /// A random UUID (RFC 9562, version 4) in lower case.
  func uid() -> String {
    let high = (next() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
    let low = (next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
    let digits = Array(Self.hexadecimal(high) + Self.hexadecimal(low))
    let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
    return parts.map { String(digits[$0]) }.joined(separator: "-")
  }

  /// Five characters that form no words (apimachinery `pkg/util/rand`).
  func nameSuffix() -> String {
    let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
    var bits = next()
    return String(
      (0..<5).map { _ in
        defer { bits /= UInt64(alphabet.count) }
        return alphabet[Int(bits % UInt64(alphabet.count))]
      })
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.utf8.count) + text
  }
}
