/// Bytes that later ones resemble: what objects of one kind have in common is stored once.
///
/// The format is LZ4's block format (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md)
/// with the prototype as its dictionary, after the original length. It never leaves the process.
final class CompressionPrototype: Sendable {
  static let maximumBytes = 16 << 10
  private static let tableBits: UInt64 = 12
  static let tableSize = 1 << Int(tableBits)
  private static let minimumMatch = 5
  private static let maximumOffset = 65_535

  let bytes: [UInt8]
  /// The last position of each hash in `bytes`, plus one.
  private let table: [UInt32]

  init(_ bytes: some Collection<UInt8>) {
    self.bytes = Array(bytes.prefix(Self.maximumBytes))
    var table = [UInt32](repeating: 0, count: Self.tableSize)
    self.bytes.withUnsafeBytes { raw in
      guard raw.count >= 8 else { return }
      for position in 0...(raw.count - 8) {
        table[Self.slot(raw, position)] = UInt32(position + 1)
      }
    }
    self.table = table
  }

  /// By five bytes: shorter matches would cost more than they save.
  @inline(__always)
  private static func slot(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> Int {
    let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
    return Int(truncatingIfNeeded: ((word << 24) &* 0x9E37_79B1_85EB_CA87) >> (64 - tableBits))
  }

  func compress(_ input: [UInt8]) -> [UInt8] {
    let start = bytes.count
    let end = start + input.count
    return withUnsafeTemporaryAllocation(byteCount: end + 8, alignment: 8) { window in
      let window = UnsafeMutableRawBufferPointer(rebasing: window[..<end])
      window.copyBytes(from: bytes)
      UnsafeMutableRawBufferPointer(rebasing: window[start...]).copyBytes(from: input)
      return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.tableSize) { slots in
        _ = slots.initialize(from: table)
        var output = BlockWriter(originalCount: input.count)
        Self.compress(UnsafeRawBufferPointer(window), from: start, slots, &output)
        return output.bytes
      }
    }
  }

  private static func compress(
    _ window: UnsafeRawBufferPointer, from start: Int, _ slots: UnsafeMutableBufferPointer<UInt32>,
    _ output: inout BlockWriter
  ) {
    var position = start
    var literals = start
    while position + 8 <= window.count {
      let slot = slot(window, position)
      let candidate = Int(slots[slot]) - 1
      slots[slot] = UInt32(position + 1)
      guard candidate >= 0, position - candidate <= maximumOffset else {
        position += 1
        continue
      }
      var length = 0
      while position + length < window.count,
        window[candidate + length] == window[position + length]
      {
        length += 1
      }
      guard length >= minimumMatch else {
        position += 1
        continue
      }
      output.sequence(
        literals: window[literals..<position], offset: position - candidate, length: length)
      position += length
      literals = position
    }
    output.end(literals: window[literals...])
  }

  /// What `compress` was given. Empty for anything that it did not make.
  func withDecompressed<Result>(
    _ packed: [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    packed.withUnsafeBytes { packed in
      var reader = BlockReader(bytes: packed)
      let count = reader.originalCount()
      let start = bytes.count
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: start + count) { window in
        _ = window.initialize(from: bytes)
        let isWhole = reader.expand(into: window, from: start)
        return body(
          UnsafeBufferPointer(rebasing: window[start..<(isWhole ? start + count : start)]))
      }
    }
  }
}

private struct BlockWriter {
  var bytes: [UInt8] = []

  init(originalCount: Int) {
    bytes.reserveCapacity(64 + originalCount / 3)
    var rest = originalCount
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func sequence(
    literals: Slice<UnsafeRawBufferPointer>, offset: Int, length: Int
  ) {
    token(literals.count, length - 4)
    bytes.append(contentsOf: literals)
    bytes.append(UInt8(truncatingIfNeeded: offset))
    bytes.append(UInt8(truncatingIfNeeded: offset >> 8))
    extra(length - 4)
  }

  mutating func end(literals: Slice<UnsafeRawBufferPointer>) {
    token(literals.count, 0)
    bytes.append(contentsOf: literals)
    // Of exact size, as it is kept for long; an array of all of a slice would share the buffer.
    bytes = bytes.withUnsafeBytes { Array($0) }
  }

  private mutating func token(_ literals: Int, _ match: Int) {
    bytes.append(UInt8(min(literals, 15)) << 4 | UInt8(min(match, 15)))
    extra(literals)
  }

  private mutating func extra(_ length: Int) {
    guard length >= 15 else { return }
    var rest = length - 15
    while rest >= 255 {
      bytes.append(255)
      rest -= 255
    }
    bytes.append(UInt8(rest))
  }
}

private struct BlockReader {
  let bytes: UnsafeRawBufferPointer
  var position = 0

  mutating func originalCount() -> Int {
    var count = 0
    var shift = 0
    while position < bytes.count, shift < 42 {
      let byte = bytes[position]
      position += 1
      count |= Int(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    return count
  }

  /// Fills the window from `start` to its end; false when the bytes do not fit it.
  mutating func expand(into window: UnsafeMutableBufferPointer<UInt8>, from start: Int) -> Bool {
    guard let base = window.baseAddress, let source = bytes.baseAddress else { return false }
    var output = start
    while position < bytes.count {
      let token = bytes[position]
      position += 1
      let literals = length(Int(token >> 4))
      guard literals <= bytes.count - position, literals <= window.count - output else {
        return false
      }
      UnsafeMutableRawPointer(base + output).copyMemory(
        from: source + position, byteCount: literals)
      output += literals
      position += literals
      if position == bytes.count { return output == window.count }
      guard position + 2 <= bytes.count else { return false }
      let offset = Int(bytes[position]) | Int(bytes[position + 1]) << 8
      position += 2
      let match = length(Int(token & 15)) + 4
      guard offset > 0, offset <= output, match <= window.count - output else { return false }
      if offset >= match {
        (base + output).update(from: base + output - offset, count: match)
      } else {
        for i in 0..<match { base[output + i] = base[output + i - offset] }
      }
      output += match
    }
    return false
  }

  private mutating func length(_ first: Int) -> Int {
    guard first == 15 else { return first }
    var length = 15
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      length += Int(byte)
      if byte < 255 { break }
    }
    return length
  }
}
