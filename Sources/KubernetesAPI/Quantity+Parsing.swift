extension Quantity {
  /// Reads `<sign><number><suffix>`; see the type for rounding and caps.
  ///
  /// - Throws: `QuantityError` naming the text and what is wrong with it.
  public init(parsing text: String) throws(QuantityError) {
    var parser = QuantityParser(text: text)
    self = try parser.parse()
  }
}

private struct QuantityParser {
  let text: String
  let bytes: [UInt8]
  var position = 0

  /// Digits read so far, without the point.
  var mantissa: UInt128 = 0
  var fractionDigits = 0
  /// Digits other than zero that no longer fitted `mantissa`: all of them after the point.
  var hasMore = false

  init(text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  mutating func parse() throws(QuantityError) -> Quantity {
    guard !bytes.isEmpty else { throw error("is empty") }
    var isNegative = false
    if bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
      isNegative = bytes[0] == UInt8(ascii: "-")
      position = 1
    }
    try parseNumber()
    let (format, exponent) = try parseSuffix()
    var magnitude = try scaled(format: format, exponent: exponent)
    if format == .binarySI {
      magnitude = min(magnitude, UInt128(Int64.max) * 1_000_000_000)
    }
    guard let nanos = Int128(exactly: magnitude) else { throw tooLarge }
    // Why: a binary amount below one has no binary notation that would not round it.
    let kept = format == .binarySI && nanos > 0 && nanos < 1_000_000_000 ? .decimalSI : format
    return Quantity(nanos: isNegative ? -nanos : nanos, format: kept)
  }

  private mutating func parseNumber() throws(QuantityError) {
    var digits = 0
    var inFraction = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: ".") {
        guard !inFraction else { throw error("has more than one decimal point") }
        inFraction = true
      } else if (0x30...0x39).contains(byte) {
        digits += 1
        try append(digit: UInt128(byte - 0x30), inFraction: inFraction)
      } else {
        break
      }
      position += 1
    }
    guard digits > 0 else { throw error("must start with a number") }
  }

  private mutating func append(digit: UInt128, inFraction: Bool) throws(QuantityError) {
    let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
    let (sum, carry) = product.addingReportingOverflow(digit)
    if !overflow, !carry, !hasMore {
      mantissa = sum
      if inFraction { fractionDigits += 1 }
    } else if inFraction {
      if digit != 0 { hasMore = true }
    } else {
      throw tooLarge
    }
  }

  private mutating func parseSuffix() throws(QuantityError) -> (Quantity.Format, exponent: Int) {
    let suffix = String(decoding: bytes[position...], as: UTF8.self)
    switch suffix {
    case "n": return (.decimalSI, -9)
    case "u": return (.decimalSI, -6)
    case "m": return (.decimalSI, -3)
    case "": return (.decimalSI, 0)
    case "k": return (.decimalSI, 3)
    case "M": return (.decimalSI, 6)
    case "G": return (.decimalSI, 9)
    case "T": return (.decimalSI, 12)
    case "P": return (.decimalSI, 15)
    case "E": return (.decimalSI, 18)
    case "Ki": return (.binarySI, 10)
    case "Mi": return (.binarySI, 20)
    case "Gi": return (.binarySI, 30)
    case "Ti": return (.binarySI, 40)
    case "Pi": return (.binarySI, 50)
    case "Ei": return (.binarySI, 60)
    default: break
    }
    if suffix.hasPrefix("e") || suffix.hasPrefix("E"), let exponent = Int(suffix.dropFirst()) {
      guard (-1000...1000).contains(exponent) else { throw tooLarge }
      return (.decimalExponent, exponent)
    }
    throw error(
      "ends in \"\(suffix)\", which is no suffix (use n, u, m, k, M, G, T, P, E, "
        + "Ki, Mi, Gi, Ti, Pi, Ei or an exponent such as e3)")
  }

  /// The mantissa as nanos, rounded up.
  private func scaled(format: Quantity.Format, exponent: Int) throws(QuantityError) -> UInt128 {
    if mantissa == 0 { return hasMore ? 1 : 0 }
    let tens = 9 - fractionDigits + (format == .binarySI ? 0 : exponent)
    var multiplier: UInt128 = format == .binarySI ? 1 << UInt128(exponent) : 1
    var divisor: UInt128 = 1
    if tens >= 0 {
      guard !hasMore, tens <= 38 else { throw tooLarge }
      let (product, overflow) = multiplier.multipliedReportingOverflow(by: Self.power(tens))
      guard !overflow else { throw tooLarge }
      multiplier = product
    } else if tens >= -38 {
      divisor = Self.power(-tens)
    } else {
      return 1
    }
    let product = mantissa.multipliedFullWidth(by: multiplier)
    guard product.high < divisor else {
      // Why: binary amounts are capped, not refused, however large they are.
      if format == .binarySI { return UInt128(Int64.max) * 1_000_000_000 }
      throw tooLarge
    }
    let (quotient, remainder) = divisor.dividingFullWidth(product)
    guard remainder != 0 || hasMore else { return quotient }
    guard quotient < .max else { throw tooLarge }
    return quotient + 1
  }

  private static func power(_ tens: Int) -> UInt128 {
    var result: UInt128 = 1
    for _ in 0..<tens { result *= 10 }
    return result
  }

  private var tooLarge: QuantityError { error("is too large") }

  private func error(_ problem: String) -> QuantityError {
    let shown = text.count > 64 ? "\(text.prefix(64))..." : text
    return QuantityError(text: text, problem: "quantity \"\(shown)\" \(problem)")
  }
}
