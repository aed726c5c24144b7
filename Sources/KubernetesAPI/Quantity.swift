public import JSON

/// An amount of a resource: exact, in units of 10^-9, with the notation it was written in.
///
/// Follows apimachinery `pkg/api/resource/quantity.go`: what is finer than a nano rounds up (away
/// from zero), binary amounts are capped at 2^63-1. Two quantities are equal when their values are,
/// whatever their notation: `1000m` equals `1`, `1024Mi` equals `1Gi`.
public struct Quantity: Sendable {
  /// The suffixes that `description` uses.
  public enum Format: Sendable, Hashable {
    /// `n u m k M G T P E`
    case decimalSI
    /// `Ki Mi Gi Ti Pi Ei`
    case binarySI
    /// `e3`
    case decimalExponent
  }

  /// The value times 10^9.
  public private(set) var nanos: Int128
  public private(set) var format: Format

  public init(nanos: Int128, format: Format = .decimalSI) {
    self.nanos = nanos
    self.format = format
  }

  public init(_ value: Int64, format: Format = .decimalSI) {
    self.init(nanos: Int128(value) * 1_000_000_000, format: format)
  }

  public init(milli: Int64) {
    self.init(nanos: Int128(milli) * 1_000_000)
  }

  /// Nil when the text is no quantity; `init(parsing:)` says why.
  public init?(_ text: String) {
    guard let value = try? Quantity(parsing: text) else { return nil }
    self = value
  }

  /// Reads a string or, as the API server does, a bare number.
  public init(_ json: JSONValue) throws(QuantityError) {
    switch json {
    case .string(let text): try self.init(parsing: text)
    case .int(let value): self.init(value)
    case .double(let value): try self.init(parsing: "\(value)")
    default:
      throw QuantityError(
        text: json.typeName,
        problem: "expected a quantity such as 500m or 1Gi, got \(json.typeName)")
    }
  }

  public static let zero = Quantity(nanos: 0)

  public var isZero: Bool { nanos == 0 }
  public var isNegative: Bool { nanos < 0 }

  /// The value in whole units, rounded up (away from zero), capped to 64 bits.
  public var wholeUnits: Int64 { Self.dividedRoundingUp(nanos, by: 1_000_000_000) }
  /// The value in thousandths, rounded up (away from zero), capped to 64 bits.
  public var milliUnits: Int64 { Self.dividedRoundingUp(nanos, by: 1_000_000) }

  private static func dividedRoundingUp(_ nanos: Int128, by divisor: Int128) -> Int64 {
    let (quotient, remainder) = nanos.quotientAndRemainder(dividingBy: divisor)
    return Int64(clamping: remainder == 0 ? quotient : quotient + remainder.signum())
  }
}

extension Quantity: Comparable, Hashable {
  public static func == (a: Quantity, b: Quantity) -> Bool { a.nanos == b.nanos }
  public static func < (a: Quantity, b: Quantity) -> Bool { a.nanos < b.nanos }
  public func hash(into hasher: inout Hasher) { hasher.combine(nanos) }

  /// In the notation of the left side, unless that is zero.
  public static func + (a: Quantity, b: Quantity) -> Quantity {
    let (sum, overflow) = a.nanos.addingReportingOverflow(b.nanos)
    let format = a.isZero ? b.format : a.format
    return Quantity(nanos: overflow ? (a.isNegative ? .min : .max) : sum, format: format)
  }

  public static func += (a: inout Quantity, b: Quantity) { a = a + b }
}

extension Quantity: CustomStringConvertible {
  private static let decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
  private static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]

  /// The canonical form: no fraction, the largest suffix that loses nothing.
  public var description: String {
    if nanos == 0 { return "0" }
    let (units, fraction) = nanos.quotientAndRemainder(dividingBy: 1_000_000_000)
    if format == .binarySI, fraction == 0, units.magnitude >= 1024 {
      var number = units
      var step = 0
      while step + 1 < Self.binarySuffixes.count, number % 1024 == 0 {
        number /= 1024
        step += 1
      }
      return "\(number)\(Self.binarySuffixes[step])"
    }
    var number = nanos
    var step = 0
    while number % 1000 == 0, format == .decimalExponent || step + 1 < Self.decimalSuffixes.count {
      number /= 1000
      step += 1
    }
    let exponent = 3 * step - 9
    if format == .decimalExponent { return exponent == 0 ? "\(number)" : "\(number)e\(exponent)" }
    return "\(number)\(Self.decimalSuffixes[step])"
  }

  public var json: JSONValue { .string(description) }
}

/// Why a text is no quantity.
public struct QuantityError: Error, Sendable, Hashable, CustomStringConvertible {
  public var text: String
  public var problem: String

  public init(text: String, problem: String) {
    self.text = text
    self.problem = problem
  }

  public var description: String { problem }
}
