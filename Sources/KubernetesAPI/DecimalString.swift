/// A non-negative decimal number written as a string, so that no float rounds it:
/// `^[0-9]{1,9}(\.[0-9]{1,4})?$`. Equal when the numbers are: `1.50` is `1.5`.
public struct DecimalString: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The value times 10,000.
  public let tenThousandths: Int64

  public init(tenThousandths: Int64) { self.tenThousandths = max(0, tenThousandths) }

  /// Nil when the text does not match the pattern.
  public init?(_ text: String) {
    let parts = text.utf8.split(
      separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, (1...9).contains(whole.count), Self.areDigits(whole) else {
      return nil
    }
    var value = whole.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
    var places = 0
    if parts.count == 2 {
      guard (1...4).contains(parts[1].count), Self.areDigits(parts[1]) else { return nil }
      value = parts[1].reduce(value) { $0 * 10 + Int64($1 - 0x30) }
      places = parts[1].count
    }
    for _ in places..<4 { value *= 10 }
    tenThousandths = value
  }

  private static func areDigits(_ bytes: Substring.UTF8View) -> Bool {
    bytes.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Without trailing zeros.
  public var description: String {
    let (whole, fraction) = tenThousandths.quotientAndRemainder(dividingBy: 10_000)
    if fraction == 0 { return "\(whole)" }
    var digits = String(fraction + 10_000).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
  }

  /// For thresholds that are compared with measured values.
  public var double: Double { Double(tenThousandths) / 10_000 }

  public static func < (a: DecimalString, b: DecimalString) -> Bool {
    a.tenThousandths < b.tenThousandths
  }
}
