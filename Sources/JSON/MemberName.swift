/// A member's name as RFC 8259 section 8.3 compares it, and Go: byte for byte. Of two strings, Swift's
/// `==` asks instead whether they look the same, as a composed and a decomposed "é" do.
@usableFromInline struct MemberName: Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  @usableFromInline static func == (a: MemberName, b: MemberName) -> Bool {
    isSame(a.text, b.text)
  }

  @usableFromInline func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  @inline(__always)
  static func isSame(_ a: String, _ b: String) -> Bool {
    guard a.utf8.count == b.utf8.count else { return false }
    let fast = a.utf8.withContiguousStorageIfAvailable { a in
      b.utf8.withContiguousStorageIfAvailable { b in
        haveSameBytes(UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b))
      }
    }
    return (fast ?? nil) ?? a.utf8.elementsEqual(b.utf8)
  }

  /// Of the same length.
  @inline(__always)
  private static func haveSameBytes(
    _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer
  ) -> Bool {
    var offset = 0
    while offset + 8 <= a.count {
      let word = a.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if word != b.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
      offset += 8
    }
    while offset < a.count {
      if a[offset] != b[offset] { return false }
      offset += 1
    }
    return true
  }
}
