/// How a value is written.
public struct JSONWritingOptions: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Members in the order of their names' UTF-8 bytes, instead of the order they were put in.
  public static let sortedKeys = JSONWritingOptions(rawValue: 1)
  /// Two spaces a level, one member or element a line, as `kubectl -o json` does with four.
  public static let prettyPrinted = JSONWritingOptions(rawValue: 2)

  /// One form for all equal values: sorted names, no white space. What hashes are made over.
  public static let canonical: JSONWritingOptions = [.sortedKeys]
}

extension JSONValue: CustomStringConvertible {
  public var description: String { serialized() }

  public func serialized(_ options: JSONWritingOptions = []) -> String {
    String(decoding: serializedBytes(options), as: UTF8.self)
  }

  public func serializedBytes(_ options: JSONWritingOptions = []) -> [UInt8] {
    var bytes: [UInt8] = []
    appendSerialized(to: &bytes, options)
    return bytes
  }

  public func appendSerialized(to bytes: inout [UInt8], _ options: JSONWritingOptions = []) {
    var writer = JSONWriter(options: options, bytes: bytes)
    bytes = []
    writer.write(self)
    bytes = writer.bytes
  }
}

struct JSONWriter {
  let options: JSONWritingOptions
  var bytes: [UInt8]
  var level = 0

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .int(let value): bytes.append(contentsOf: String(value).utf8)
    case .double(let value): bytes.append(contentsOf: Self.text(of: value).utf8)
    case .string(let value): write(value)
    case .array(let values):
      if values.isEmpty {
        bytes.append(contentsOf: "[]".utf8)
        return
      }
      open("[")
      values.withUnsafeBufferPointer { values in
        for i in values.indices {
          separate(isFirst: i == 0)
          write(values[i])
        }
      }
      close("]")
    case .object(let object):
      if object.isEmpty {
        bytes.append(contentsOf: "{}".utf8)
        return
      }
      open("{")
      var isFirst = true
      if options.contains(.sortedKeys) {
        object.withSortedPositions { positions in
          object.entries.withUnsafeBufferPointer { entries in
            for i in positions { writeMember(entries[i].key, entries[i].value, &isFirst) }
          }
        }
      } else {
        // By hand: iterating retains every name and value.
        object.entries.withUnsafeBufferPointer { entries in
          for i in entries.indices { writeMember(entries[i].key, entries[i].value, &isFirst) }
        }
      }
      close("}")
    }
  }

  private mutating func writeMember(_ key: String, _ value: JSONValue, _ isFirst: inout Bool) {
    separate(isFirst: isFirst)
    isFirst = false
    write(key)
    bytes.append(UInt8(ascii: ":"))
    if options.contains(.prettyPrinted) { bytes.append(0x20) }
    write(value)
  }

  private mutating func open(_ bracket: Unicode.Scalar) {
    bytes.append(UInt8(ascii: bracket))
    level += 1
  }

  private mutating func separate(isFirst: Bool) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    newLine()
  }

  private mutating func close(_ bracket: Unicode.Scalar) {
    level -= 1
    newLine()
    bytes.append(UInt8(ascii: bracket))
  }

  private mutating func newLine() {
    guard options.contains(.prettyPrinted) else { return }
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(0x20, count: 2 * level))
  }

  private mutating func write(_ string: String) {
    bytes.append(UInt8(ascii: "\""))
    // Of native strings, which nearly all are, this copies nothing.
    if string.utf8.withContiguousStorageIfAvailable({ writeContent($0) }) == nil {
      Array(string.utf8).withUnsafeBufferPointer { writeContent($0) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func writeContent(_ text: UnsafeBufferPointer<UInt8>) {
    var start = 0
    for i in text.indices {
      let byte = text[i]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
        continue
      }
      bytes.append(contentsOf: text[start..<i])
      start = i + 1
      bytes.append(UInt8(ascii: "\\"))
      switch byte {
      case 0x0A: bytes.append(UInt8(ascii: "n"))
      case 0x0D: bytes.append(UInt8(ascii: "r"))
      case 0x09: bytes.append(UInt8(ascii: "t"))
      case 0..<0x20:
        bytes.append(contentsOf: "u00".utf8)
        for nibble in [byte >> 4, byte & 15] {
          bytes.append(nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10)
        }
      default: bytes.append(byte)
      }
    }
    bytes.append(contentsOf: text[start...])
  }

  /// The shortest text that reads back as the same number. JSON has no infinities and no NaN; they
  /// are written as null, as JavaScript does.
  static func text(of value: Double) -> String {
    value.isFinite ? value.description : "null"
  }
}
