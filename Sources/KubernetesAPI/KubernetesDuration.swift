/// A length of time as Kubernetes APIs write it, for example `1h30m`; milliseconds are the finest.
///
/// Gateway API GEP-2257: `^([0-9]{1,5}(h|m|s|ms)){1,4}$`. Equal when the lengths are: `60s` is `1m`.
public struct KubernetesDuration: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let milliseconds: Int64

  /// Negative lengths become zero.
  public init(milliseconds: Int64) { self.milliseconds = max(0, milliseconds) }

  public init(seconds: Int64) {
    self.init(milliseconds: min(max(0, seconds), .max / 1000) * 1000)
  }

  /// Nil when the text is no GEP-2257 duration.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    var total: Int64 = 0
    var parts = 0
    var i = 0
    while i < bytes.count {
      let start = i
      var number: Int64 = 0
      while i < bytes.count, (0x30...0x39).contains(bytes[i]), i - start < 5 {
        number = number * 10 + Int64(bytes[i] - 0x30)
        i += 1
      }
      guard i > start, i < bytes.count else { return nil }
      let factor: Int64
      switch bytes[i] {
      case UInt8(ascii: "h"): factor = 3_600_000
      case UInt8(ascii: "s"): factor = 1000
      case UInt8(ascii: "m"):
        if i + 1 < bytes.count, bytes[i + 1] == UInt8(ascii: "s") {
          factor = 1
          i += 1
        } else {
          factor = 60_000
        }
      default: return nil
      }
      i += 1
      parts += 1
      total += number * factor
    }
    guard (1...4).contains(parts) else { return nil }
    milliseconds = total
  }

  /// Whole seconds, rounded up: the unit of probes and grace periods.
  public var seconds: Int64 { (milliseconds + 999) / 1000 }
  public var duration: Duration { .milliseconds(milliseconds) }

  /// The canonical GEP-2257 form: the largest units first, none of them zero; `0s` for zero.
  public var description: String {
    if milliseconds == 0 { return "0s" }
    var text = ""
    var rest = milliseconds
    for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
      as [(String, Int64)]
    where rest >= size {
      text += "\(rest / size)\(unit)"
      rest %= size
    }
    return text
  }

  /// The JSON form of `google.protobuf.Duration`, which Istio takes: `90s`, `1.5s`.
  public var protobufSeconds: String {
    let (whole, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    if fraction == 0 { return "\(whole)s" }
    var digits = String(fraction + 1000).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)s"
  }

  public static func < (a: KubernetesDuration, b: KubernetesDuration) -> Bool {
    a.milliseconds < b.milliseconds
  }
}
