import JSON
public import KubernetesAPI

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
    limits = JSONParseLimits(omittedMember: omittedMember)
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
    while let end = buffer[scanned...].firstIndex(of: 0x0a) {
      guard end - start <= maximumEventBytes else { throw tooLarge }
      let line = buffer[start..<end]
      start = end + 1
      scanned = start
      if !Self.isBlank(line) { return try event(line) }
    }
    scanned = buffer.count
    guard buffer.count - start <= maximumEventBytes else { throw tooLarge }
    return nil
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
