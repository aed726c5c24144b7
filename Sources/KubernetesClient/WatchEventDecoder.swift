import Glibc
import JSON
public import KubernetesAPI

/// An event of a watch whose object need not be read.
public enum WatchEventText: Sendable {
  /// Added or modified. What of the object has not been read yet may be malformed.
  case changed(ObjectText)
  case other(WatchEvent)
}

/// Cuts a watch stream into events: one JSON document a line, in chunks cut at arbitrary bytes
/// (correctness rule 10).
///
/// A value without I/O: `append` what arrived, then call `next` until it returns nil.
public struct WatchEventDecoder: Sendable {
  /// Why the stream cannot be read on; the watch has to be opened again.
  public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable { case tooLarge, malformed, truncated }
    public var code: Code
    public var message: String

    public var description: String { message }
  }

  public static let defaultMaximumEventBytes = 8 << 20

  private let resource: ResourceType
  private let maximumEventBytes: Int
  private let limits: JSONParseLimits
  private var buffer: [UInt8] = []
  /// Before it everything was decoded.
  private var start = 0
  /// Between `start` and here there is no line end.
  private var scanned = 0

  /// - Parameter omittedMember: see `JSONParseLimits`; from the event, not from its object.
  public init(
    resource: ResourceType, maximumEventBytes: Int = WatchEventDecoder.defaultMaximumEventBytes,
    omittedMember: [String] = []
  ) {
    limits = .objects(inside: 1, omittedMember: omittedMember)
    self.resource = resource
    self.maximumEventBytes = maximumEventBytes
  }

  public mutating func append(_ chunk: [UInt8]) {
    if start == buffer.count {
      buffer = chunk
      start = 0
      scanned = 0
      return
    }
    if start > 0 {
      buffer.removeFirst(start)
      scanned -= start
      start = 0
    }
    buffer += chunk
  }

  /// The next complete event, or nil when more bytes are needed.
  public mutating func next() throws(Failure) -> WatchEvent? {
    guard let line = try nextLine() else { return nil }
    return try event(line)
  }

  /// Like `next`, but objects that are added or modified come as text.
  public mutating func nextText() throws(Failure) -> WatchEventText? {
    guard let line = try nextLine() else { return nil }
    if let text = changed(line) { return .changed(text) }
    return .other(try event(line))
  }

  private mutating func nextLine() throws(Failure) -> ArraySlice<UInt8>? {
    while let end = lineEnd() {
      guard end - start <= maximumEventBytes else { throw tooLarge }
      let line = buffer[start..<end]
      start = end + 1
      scanned = start
      if !Self.isBlank(line) { return line }
    }
    scanned = buffer.count
    guard buffer.count - start <= maximumEventBytes else { throw tooLarge }
    return nil
  }

  private func lineEnd() -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, scanned < bytes.count,
        let found = memchr(base + scanned, 0x0a, bytes.count - scanned)
      else { return nil }
      return base.distance(to: found)
    }
  }

  /// To be called at the regular end of the stream: the last event may lack its line end.
  public mutating func finish() throws(Failure) -> WatchEvent? {
    if let event = try next() { return event }
    let rest = buffer[start...]
    start = buffer.count
    scanned = start
    if Self.isBlank(rest) { return nil }
    do {
      return try event(rest)
    } catch {
      throw Failure(code: .truncated, message: "the watch stream ended inside an event")
    }
  }

  /// The object of a line that has nothing else after it, as API servers write it. Nil for all others,
  /// which are read as a whole.
  private func changed(_ line: ArraySlice<UInt8>) -> ObjectText? {
    let start = line.withUnsafeBufferPointer { bytes -> Int? in
      var text = JSONText(bytes)
      guard (try? text.enterObject()) == true, let first = try? text.name(),
        bytes[first].elementsEqual("type".utf8), let type = (try? text.value())?.string,
        type == "ADDED" || type == "MODIFIED", (try? text.hasNextMember()) == true,
        let second = try? text.name(), bytes[second].elementsEqual("object".utf8), text.isAtObject
      else { return nil }
      return text.position
    }
    guard let start, let end = line.lastIndex(of: UInt8(ascii: "}")) else { return nil }
    let object = line[(line.startIndex + start)..<end]
    return try? ObjectText(object, of: resource)
  }

  private func event(_ line: ArraySlice<UInt8>) throws(Failure) -> WatchEvent {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: line, limits: limits)
    } catch {
      throw malformed("is not JSON: \(error.message)")
    }
    guard let type = json["type"]?.string, let object = json["object"] else {
      throw malformed("has no type or no object")
    }
    switch type {
    case "ADDED": return .added(resource.object(object))
    case "MODIFIED": return .modified(resource.object(object))
    case "DELETED": return .deleted(resource.object(object))
    case "BOOKMARK": return .bookmark(resource.object(object))
    case "ERROR":
      return .error(
        APIStatus(object)
          ?? APIStatus(code: 500, reason: "", message: "the server ended the watch with an error"))
    default: throw malformed("has the unknown type \"\(type.prefix(32))\"")
    }
  }

  private var tooLarge: Failure {
    Failure(
      code: .tooLarge,
      message: "a watch event of \(resource) is larger than \(maximumEventBytes) bytes")
  }

  private func malformed(_ problem: String) -> Failure {
    Failure(code: .malformed, message: "a watch event of \(resource) \(problem)")
  }

  private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
    line.allSatisfy { $0 == 0x20 || $0 == 0x0d || $0 == 0x09 || $0 == 0x0a }
  }
}
