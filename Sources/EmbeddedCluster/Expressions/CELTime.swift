import KubernetesAPI

/// A moment with nanoseconds, between the years 1 and 9999.
struct CELTimestamp: Sendable, Hashable, Comparable {
  /// Since 1970-01-01T00:00:00Z, rounded down.
  var seconds: Int64
  /// 0 up to 999 999 999.
  var nanos: Int64

  static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  /// Nil when outside the years CEL knows.
  init?(seconds: Int64, nanos: Int64) {
    guard Self.range.contains(seconds) else { return nil }
    self.seconds = seconds
    self.nanos = nanos
  }

  /// Reads RFC 3339 with up to nine digits of a second.
  init?(_ text: String) {
    var whole = text
    var nanos: Int64 = 0
    if let dot = text.firstIndex(of: ".") {
      let digits = text[text.index(after: dot)...].prefix { ("0"..."9").contains($0) }
      guard !digits.isEmpty else { return nil }
      let padded =
        String(digits.prefix(9)) + String(repeating: "0", count: max(0, 9 - digits.count))
      guard let value = Int64(padded) else { return nil }
      nanos = value
      whole.removeSubrange(dot..<digits.endIndex)
    }
    guard let time = KubernetesTime(whole) else { return nil }
    self.init(seconds: time.unixSeconds, nanos: nanos)
  }

  static func < (a: Self, b: Self) -> Bool { (a.seconds, a.nanos) < (b.seconds, b.nanos) }

  func adding(nanoseconds: Int64) -> CELTimestamp? {
    let total = Int128(seconds) * 1_000_000_000 + Int128(nanos) + Int128(nanoseconds)
    let (quotient, remainder) = total.quotientAndRemainder(dividingBy: 1_000_000_000)
    let isBelow = remainder < 0
    return CELTimestamp(
      seconds: Int64(isBelow ? quotient - 1 : quotient),
      nanos: Int64(isBelow ? remainder + 1_000_000_000 : remainder))
  }

  /// In nanoseconds; nil when the difference does not fit.
  func since(_ other: CELTimestamp) -> Int64? {
    Int64(
      exactly: Int128(seconds - other.seconds) * 1_000_000_000 + Int128(nanos - other.nanos))
  }

  /// RFC 3339 in UTC with as many digits as needed.
  var text: String {
    let whole = KubernetesTime(unixSeconds: seconds).secondsText
    guard nanos != 0 else { return whole }
    var digits = String(String(nanos + 1_000_000_000).dropFirst())
    while digits.last == "0" { digits.removeLast() }
    return whole.dropLast() + "." + digits + "Z"
  }

  // MARK: Fields of the calendar

  /// - Parameter zone: `UTC` or an offset such as `-02:00`; nil is UTC.
  func field(_ getter: String, zone: String?) throws(CELError) -> Int64 {
    guard let offset = Self.offset(zone ?? "UTC") else {
      throw CELError("unknown time zone \(zone ?? "")")
    }
    let local = seconds + offset
    let text = KubernetesTime(unixSeconds: local).secondsText
    func number(_ from: Int, _ length: Int) -> Int64 {
      Int64(String(text.dropFirst(from).prefix(length))) ?? 0
    }
    let days = Self.floor(local, 86_400)
    switch getter {
    case "getFullYear": return number(0, 4)
    case "getMonth": return number(5, 2) - 1
    case "getDayOfMonth": return number(8, 2) - 1
    case "getDate": return number(8, 2)
    case "getDayOfWeek": return ((days + 4) % 7 + 7) % 7
    case "getDayOfYear":
      let start = KubernetesTime(text.prefix(4) + "-01-01T00:00:00Z")?.unixSeconds ?? 0
      return days - Self.floor(start, 86_400)
    case "getHours": return number(11, 2)
    case "getMinutes": return number(14, 2)
    case "getSeconds": return number(17, 2)
    case "getMilliseconds": return nanos / 1_000_000
    default: throw .noSuchOverload
    }
  }

  private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }

  private static func offset(_ zone: String) -> Int64? {
    if zone == "UTC" || zone == "" || zone == "Z" { return 0 }
    let sign: Int64 = zone.hasPrefix("-") ? -1 : 1
    let digits = zone.hasPrefix("-") || zone.hasPrefix("+") ? zone.dropFirst() : zone[...]
    let parts = digits.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let hours = Int64(parts[0]), let minutes = Int64(parts[1]),
      (0..<24).contains(hours), (0..<60).contains(minutes)
    else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }
}

/// Lengths of time in nanoseconds, written as Go does: `1h2m3.5s`.
enum CELDuration {
  /// Go `time.ParseDuration`; nil for anything else.
  static func parse(_ text: String) -> Int64? {
    var rest = Substring(text)
    var isNegative = false
    if let sign = rest.first, sign == "-" || sign == "+" {
      isNegative = sign == "-"
      rest.removeFirst()
    }
    if rest == "0" { return 0 }
    guard !rest.isEmpty else { return nil }
    var total: Int128 = 0
    while !rest.isEmpty {
      let whole = rest.prefix { ("0"..."9").contains($0) }
      rest = rest.dropFirst(whole.count)
      var fraction = Substring()
      if rest.first == "." {
        rest.removeFirst()
        fraction = rest.prefix { ("0"..."9").contains($0) }
        rest = rest.dropFirst(fraction.count)
      }
      guard !(whole.isEmpty && fraction.isEmpty), whole.count <= 19 else { return nil }
      let unit = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
      guard let size = units[String(unit)] else { return nil }
      rest = rest.dropFirst(unit.count)
      total += Int128(whole.isEmpty ? "0" : String(whole)).map { $0 * size } ?? 0
      var place = size
      for digit in fraction {
        place /= 10
        total += place * Int128(digit.wholeNumberValue ?? 0)
      }
      guard total <= Int128(Int64.max) + 1 else { return nil }
    }
    return Int64(exactly: isNegative ? -total : total)
  }

  private static let units: [String: Int128] = [
    "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": 1_000_000_000,
    "m": 60_000_000_000, "h": 3_600_000_000_000,
  ]

  /// `90s`, `1.5s`: how CEL's `string()` writes it.
  static func text(_ nanos: Int64) -> String {
    let magnitude = nanos.magnitude
    var text = (nanos < 0 ? "-" : "") + String(magnitude / 1_000_000_000)
    var fraction = String(String(magnitude % 1_000_000_000 + 1_000_000_000).dropFirst())
    while fraction.last == "0" { fraction.removeLast() }
    if !fraction.isEmpty { text += "." + fraction }
    return text + "s"
  }
}
