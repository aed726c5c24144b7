/// A point in a resource's history. Opaque to clients but, for one resource, ordered (KEP-5504): by
/// length, then lexicographically; `0` and leading zeros are no positions.
public struct ResourceVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let text: String

  /// Nil when the text is no position: empty, zero, a leading zero, or anything but digits.
  public init?(_ text: String) {
    guard let first = text.utf8.first, first != UInt8(ascii: "0"),
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    self.text = text
  }

  public static func < (a: ResourceVersion, b: ResourceVersion) -> Bool {
    (a.text.utf8.count, a.text) < (b.text.utf8.count, b.text)
  }

  public var description: String { text }
}
