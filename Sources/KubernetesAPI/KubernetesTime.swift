/// A moment as Kubernetes writes it: RFC 3339 in UTC, with seconds (`metav1.Time`) or microseconds
/// (`metav1.MicroTime`).
public struct KubernetesTime: Sendable, Hashable, Comparable {
  /// Since 1970-01-01T00:00:00Z.
  public let unixMicroseconds: Int64

  public init(unixMicroseconds: Int64) { self.unixMicroseconds = unixMicroseconds }
  public init(unixSeconds: Int64) { unixMicroseconds = unixSeconds * 1_000_000 }

  /// Rounded down.
  public var unixSeconds: Int64 { Self.floorDivided(unixMicroseconds, by: 1_000_000).quotient }

  /// `2026-11-21T07:08:32Z`
  public var secondsText: String { Self.date(unixSeconds) + "Z" }

  /// `2026-11-21T07:08:32.000123Z`
  public var microsecondsText: String {
    let (seconds, micros) = Self.floorDivided(unixMicroseconds, by: 1_000_000)
    return Self.date(seconds) + "." + Self.padded(micros, 6) + "Z"
  }

  /// Reads any RFC 3339 time, with an offset and a fraction; digits below a microsecond are dropped.
  public init?(_ text: String) {
    var fields = Fields(bytes: Array(text.utf8))
    guard let year = fields.number(4), fields.skip("-"), let month = fields.number(2),
      fields.skip("-"), let day = fields.number(2), fields.skip("Tt "), let hour = fields.number(2),
      fields.skip(":"), let minute = fields.number(2), fields.skip(":"),
      let second = fields.number(2), (1...12).contains(month),
      (1...Self.daysInMonth(month, year: year)).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    guard let micros = fields.skip(".") ? fields.fraction() : 0 else { return nil }
    guard let offset = fields.offsetSeconds(), fields.isAtEnd else { return nil }
    let days = Self.daysFromEpoch(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    unixMicroseconds = seconds * 1_000_000 + micros
  }

  public static func < (a: KubernetesTime, b: KubernetesTime) -> Bool {
    a.unixMicroseconds < b.unixMicroseconds
  }

  public func advanced(by duration: Duration) -> KubernetesTime {
    let (seconds, attoseconds) = duration.components
    return KubernetesTime(
      unixMicroseconds: unixMicroseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
  }
}

extension KubernetesTime {
  private static func floorDivided(_ value: Int64, by divisor: Int64)
    -> (quotient: Int64, remainder: Int64)
  {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  private static func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  private static func date(_ unixSeconds: Int64) -> String {
    let (days, time) = floorDivided(unixSeconds, by: 86_400)
    let (year, month, day) = civil(daysFromEpoch: days)
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T"
      + padded(time / 3600, 2) + ":" + padded(time / 60 % 60, 2) + ":" + padded(time % 60, 2)
  }

  private static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// https://howardhinnant.github.io/date_algorithms.html#days_from_civil
  private static func daysFromEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// https://howardhinnant.github.io/date_algorithms.html#civil_from_days
  private static func civil(daysFromEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private struct Fields {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number(_ digits: Int) -> Int64? {
      guard position + digits <= bytes.count else { return nil }
      var value: Int64 = 0
      for byte in bytes[position..<position + digits] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - 0x30)
      }
      position += digits
      return value
    }

    mutating func skip(_ anyOf: String) -> Bool {
      guard position < bytes.count, anyOf.utf8.contains(bytes[position]) else { return false }
      position += 1
      return true
    }

    mutating func fraction() -> Int64? {
      var value: Int64 = 0
      var digits = 0
      while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
        if digits < 6 { value = value * 10 + Int64(bytes[position] - 0x30) }
        digits += 1
        position += 1
      }
      guard digits > 0 else { return nil }
      for _ in min(digits, 6)..<6 { value *= 10 }
      return value
    }

    mutating func offsetSeconds() -> Int64? {
      if skip("Zz") { return 0 }
      guard position < bytes.count else { return nil }
      let sign: Int64 = bytes[position] == UInt8(ascii: "-") ? -1 : 1
      guard skip("+-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24,
        minutes < 60
      else { return nil }
      return sign * (hours * 3600 + minutes * 60)
    }
  }
}
