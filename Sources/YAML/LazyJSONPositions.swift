import Synchronization

/// The places of the values of a JSON text, gathered when first asked for: good input, however
/// large, never pays for them.
final class LazyJSONPositions: Sendable {
  private let bytes: [UInt8]
  private let start: TextCursor
  private let gathered = Mutex<PositionMap?>(nil)

  /// `bytes` must hold a correct JSON document at the cursor.
  init(bytes: [UInt8], start: TextCursor) {
    self.bytes = bytes
    self.start = start
  }

  var map: PositionMap {
    gathered.withLock { gathered in
      if let gathered { return gathered }
      let map = bytes.withUnsafeBufferPointer { bytes in
        var walker = JSONWalker(bytes: bytes, cursor: start)
        walker.value(key: .noKey)
        return walker.map
      }
      gathered = map
      return map
    }
  }
}

/// An offset into a text with its line and column.
struct TextCursor: Sendable {
  var offset = 0
  var line: UInt32 = 1
  /// In Unicode scalars, counted from 1.
  var column: UInt32 = 1

  var mark: Mark { Mark(line: line, column: column) }

  mutating func advance(to end: Int, in bytes: UnsafeBufferPointer<UInt8>) {
    while offset < min(end, bytes.count) {
      let byte = bytes[offset]
      if byte == 0x0A {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
      offset += 1
    }
  }
}

/// Walks a JSON text that is known to be correct.
private struct JSONWalker {
  let bytes: UnsafeBufferPointer<UInt8>
  var cursor: TextCursor
  var map = PositionMap()

  private var byte: UInt8 { cursor.offset < bytes.count ? bytes[cursor.offset] : 0 }

  private mutating func step() { cursor.advance(to: cursor.offset + 1, in: bytes) }

  private mutating func skipWhitespace() {
    while byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { step() }
  }

  private mutating func skipString() {
    step()
    while cursor.offset < bytes.count, byte != UInt8(ascii: "\"") {
      if byte == UInt8(ascii: "\\") { step() }
      step()
    }
    step()
  }

  mutating func value(key: Mark) {
    let entry = map.append(cursor.mark, key: key)
    switch byte {
    case UInt8(ascii: "{"): container(closedBy: UInt8(ascii: "}"))
    case UInt8(ascii: "["): container(closedBy: UInt8(ascii: "]"))
    case UInt8(ascii: "\""): skipString()
    default:
      scan: while cursor.offset < bytes.count {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09:
          break scan
        default: step()
        }
      }
    }
    map.close(entry)
  }

  private mutating func container(closedBy close: UInt8) {
    step()
    skipWhitespace()
    while cursor.offset < bytes.count, byte != close {
      var key = Mark.noKey
      if close == UInt8(ascii: "}") {
        key = cursor.mark
        skipString()
        skipWhitespace()
        step()  // the colon
        skipWhitespace()
      }
      value(key: key)
      skipWhitespace()
      if byte == UInt8(ascii: ",") {
        step()
        skipWhitespace()
      }
    }
    step()
  }
}
