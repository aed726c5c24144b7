/// The long strings that a parser has met lately, to use them again instead of making new ones:
/// the objects of a list have most of their names and many of their values in common.
///
/// Each string has one place, and the next one that belongs there takes it.
struct RecentStrings {
  /// Shorter ones are stored in place and cost nothing; longer ones hardly ever repeat.
  static let lengths = 16...80

  private var strings: [String] = []
  private let places: Int

  /// - Parameter textCount: bytes of the whole text. A short one repeats few strings.
  init(textCount: Int) { places = textCount < 16 << 10 ? 32 : 512 }

  /// - Parameter bytes: ASCII, of a length in `lengths`.
  mutating func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    guard let base = bytes.baseAddress else { return "" }
    if strings.isEmpty { strings = Array(repeating: "", count: places) }
    let place = place(base, bytes.count)
    let known = strings[place].utf8.withContiguousStorageIfAvailable { candidate in
      candidate.count == bytes.count && Self.isSame(candidate, bytes)
    }
    if known == true { return strings[place] }
    let string = String(decoding: bytes, as: UTF8.self)
    strings[place] = string
    return string
  }

  /// Both at least eight bytes long, and of the same length.
  private static func isSame(
    _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let (a, b) = (UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b))
    let last = a.count - 8
    var offset = 0
    while offset < last {
      let word = a.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if word != b.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
      offset += 8
    }
    return a.loadUnaligned(fromByteOffset: last, as: UInt64.self)
      == b.loadUnaligned(fromByteOffset: last, as: UInt64.self)
  }

  /// By the length and the first and last sixteen bytes.
  private func place(_ base: UnsafePointer<UInt8>, _ count: Int) -> Int {
    let raw = UnsafeRawPointer(base)
    var hash = UInt64(count)
    for offset in [0, 8, count - 16, count - 8] {
      hash =
        (hash ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
    return Int(hash >> 40) & (places - 1)
  }
}
