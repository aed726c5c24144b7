/// A complete answer, whatever its status.
public struct HTTPResponse: Sendable {
  public var status: Int
  public var headers: HTTPHeaders
  /// Decoded when the server compressed it.
  public var body: [UInt8]

  public init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// An answer whose head has arrived and whose body follows.
public struct HTTPStreamingResponse: Sendable {
  public var status: Int
  public var headers: HTTPHeaders
  /// Dropping the last copy of the body (and of its iterators) ends the transfer.
  public var body: HTTPBodyStream
}

/// Header fields in the order received, looked up without regard to case.
///
/// Keeps the received bytes and decodes on demand: most answers have a dozen fields of which one or
/// none is ever read.
public struct HTTPHeaders: Sendable, Sequence {
  /// `name:value\n` each, the name in lower case, the value trimmed.
  private(set) var storage: [UInt8] = []

  public init() {}

  public init(_ fields: [(name: String, value: String)]) {
    for (name, value) in fields { append(name: name.utf8, value: value.utf8) }
  }

  /// The first field of that name.
  public subscript(name: String) -> String? {
    let wanted = name.lowercased()
    return first { $0.name == wanted }?.value
  }

  /// The values of all fields of that name; others are not decoded.
  ///
  /// - Parameter name: in lower case.
  public func values(of name: String) -> [String] {
    storage.withUnsafeBufferPointer { bytes in
      var values: [String] = []
      var start = 0
      while start < bytes.count {
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let value = start + name.utf8.count
        if value < end, bytes[value] == UInt8(ascii: ":"),
          bytes[start..<value].elementsEqual(name.utf8)
        {
          values.append(
            String(decoding: UnsafeBufferPointer(rebasing: bytes[(value + 1)..<end]), as: UTF8.self)
          )
        }
        start = end + 1
      }
      return values
    }
  }

  public var isEmpty: Bool { storage.isEmpty }

  /// Names come in lower case.
  public func makeIterator() -> Iterator { Iterator(rest: storage[...]) }

  public struct Iterator: IteratorProtocol {
    var rest: ArraySlice<UInt8>

    public mutating func next() -> (name: String, value: String)? {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")),
        let colon = rest.firstIndex(of: UInt8(ascii: ":"))
      else { return nil }
      defer { rest = rest[(end + 1)...] }
      return (
        String(decoding: rest[rest.startIndex..<colon], as: UTF8.self),
        String(decoding: rest[(colon + 1)..<end], as: UTF8.self)
      )
    }
  }

  /// Adds one received line; false when it is not a header field.
  mutating func append(line: UnsafeRawBufferPointer) -> Bool {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return false }
    append(name: line[..<colon], value: line[(colon + 1)...])
    return true
  }

  mutating func removeAll() { storage.removeAll(keepingCapacity: true) }

  private mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
    for byte in name {
      let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
      storage.append(isUpper ? byte | 0x20 : byte)
    }
    storage.append(UInt8(ascii: ":"))
    let start = storage.count
    var end = start
    for byte in value {
      let isBlank = byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a
      if isBlank && storage.count == start { continue }
      storage.append(isBlank ? 0x20 : byte)
      if !isBlank { end = storage.count }
    }
    storage.removeLast(storage.count - end)
    storage.append(UInt8(ascii: "\n"))
  }
}
