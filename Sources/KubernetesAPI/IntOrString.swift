public import JSON

/// A number or a text: a port's number or name, a count or a percentage.
public enum IntOrString: Sendable, Hashable, CustomStringConvertible {
  case int(Int)
  case string(String)

  /// Nil for anything but whole numbers and strings.
  public init?(_ json: JSONValue) {
    if let text = json.string {
      self = .string(text)
    } else if let number = json.int {
      self = .int(number)
    } else {
      return nil
    }
  }

  public var json: JSONValue {
    switch self {
    case .int(let value): JSONValue(value)
    case .string(let value): .string(value)
    }
  }

  /// 25 for `"25%"`; nil for anything that is no percentage without sign.
  public var percent: Int? {
    guard case .string(let text) = self, text.utf8.last == UInt8(ascii: "%") else { return nil }
    let digits = text.dropLast()
    guard (1...9).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(digits)
  }

  public enum Rounding: Sendable { case up, down }

  /// The number itself, or the percentage of `total`; nil for other texts.
  ///
  /// apimachinery `intstr.GetScaledValueFromIntOrPercent`.
  public func scaled(of total: Int, rounding: Rounding) -> Int? {
    if case .int(let value) = self { return value }
    guard let percent else { return nil }
    let (product, overflow) = percent.multipliedReportingOverflow(by: max(0, total))
    guard !overflow else { return nil }
    return rounding == .up ? product / 100 + (product % 100 == 0 ? 0 : 1) : product / 100
  }

  public var description: String {
    switch self {
    case .int(let value): "\(value)"
    case .string(let value): value
    }
  }
}
