import JSON
import KubernetesAPI

#if canImport(Glibc)
  import Glibc
#endif

/// How values are written as text.
enum CELText {
  /// The fewest digits that mean the same number, as Go's `strconv.FormatFloat(x, 'g', -1, 64)`.
  static func shortest(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
    if number == 0 { return number.sign == .minus ? "-0" : "0" }
    // Swift finds the same digits, it only places the exponent differently.
    let text = "\(number.magnitude)"
    let parts = text.split(separator: "e")
    var exponent = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(mantissa[0])
    var digits = whole + (mantissa.count == 2 ? mantissa[1] : "")
    exponent += whole.count - 1
    while digits.hasPrefix("0"), digits.count > 1 {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
    let sign = number < 0 ? "-" : ""
    if exponent < -4 || exponent >= 6 {
      let magnitude = String(exponent.magnitude)
      let padded = magnitude.count < 2 ? "0" + magnitude : magnitude
      let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
      return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(padded)"
    }
    if exponent < 0 {
      return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
    }
    if digits.count <= exponent + 1 {
      return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
    }
    return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
  }

  /// C's notation for `f` and `e` with a precision.
  static func formatted(_ number: Double, _ conversion: String, precision: Int) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    var buffer = [CChar](repeating: 0, count: 512)
    let count = withVaList([Int32(clamping: precision), number]) {
      vsnprintf(&buffer, buffer.count, "%.*\(conversion)", $0)
    }
    let used = buffer.prefix(max(0, min(Int(count), buffer.count - 1)))
    return String(decoding: used.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What `%s` and error messages show of a value.
  static func display(_ value: CELValue) -> String {
    switch value {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .int(let number): return String(number)
    case .uint(let number): return String(number)
    case .double(let number): return shortest(number)
    case .string(let text): return text
    case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
    case .duration(let nanos): return CELDuration.text(nanos)
    case .timestamp(let time): return time.text
    case .list(let elements, _): return "[" + elements.map(display).joined(separator: ", ") + "]"
    case .map(let map):
      let pairs = map.keys.map { key in
        "\(display(key)): \(((try? map.value(for: key)) ?? nil).map(display) ?? "")"
      }
      return "{" + pairs.sorted().joined(separator: ", ") + "}"
    case .object(let object, _): return JSONValue.object(object).serialized()
    case .type(let name): return name
    case .optional(let value): return value.map { "optional(\(display($0)))" } ?? "optional.none()"
    case .quantity(let quantity): return quantity.description
    case .url(let url): return "\(url.scheme)://\(url.host)\(url.escapedPath)"
    case .address(let address): return address.text
    case .network(let network): return network.text
    case .format(let format): return format.name.rawValue
    case .semver(let version): return "\(version.major).\(version.minor).\(version.patch)"
    }
  }
}
