import JSON
import KubernetesAPI

/// get and list.
extension APIServer {
  func get(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    if let text = call.query["resourceVersion"], !text.isEmpty {
      let version = try Self.version(text)
      let current = store.version
      if version > current {
        throw StatusError.tooLargeResourceVersion(version, current: current)
      }
    }
    let path = call.path(of: name)
    let object =
      call.staleness == 0
      ? store.get(call.definition.storageKey, path)
      : newest(call).objects.first { $0.path == path }
    guard let object else { throw StatusError.notFound(call.definition, name) }
    return Reply(content: .object(call.definition.presented(object.json)))
  }

  func list(_ call: ResourceCall) throws(StatusError) -> Reply {
    let options = try ListOptions(call.query, isWatch: false, definition: call.definition)
    return Reply(content: .list(try list(call, options)))
  }

  func list(_ call: ResourceCall, _ options: ListOptions) throws(StatusError) -> ListResult {
    var (snapshot, start) = try snapshot(for: call, options)
    let matches = matcher(call, options)
    var page: [StoredObject] = []
    var rest = snapshot.objects[...]
    if let start { rest = rest.drop { $0.path < start } }
    var hasMore = false
    while let object = rest.popFirst() {
      guard matches(object) else { continue }
      if options.limit > 0, page.count == options.limit {
        rest = snapshot.objects[rest.startIndex - 1..<snapshot.objects.endIndex]
        hasMore = true
        break
      }
      page.append(object)
    }
    snapshot.objects = []
    var result = ListResult(objects: page, version: snapshot.version)
    if hasMore, let next = rest.first {
      result.continueToken = ContinueToken(version: snapshot.version, start: next.path).text
      // Counting the rest of a filtered list would mean filtering it.
      if options.labelSelector.isEmpty, options.fieldSelector.terms.isEmpty {
        result.remaining = rest.lazy.filter(matches).count
      }
    }
    return result
  }

  /// The state that a call sees: the present one unless it reads stale data.
  func newest(_ call: ResourceCall, floor: UInt64 = 0) -> ObjectStore.Snapshot {
    call.staleness == 0
      ? store.snapshot(call.definition.storageKey)
      : store.snapshot(
        call.definition.storageKey, changesAgo: call.staleness, floor: floor)
  }

  private func snapshot(
    for call: ResourceCall, _ options: ListOptions
  ) throws(StatusError) -> (ObjectStore.Snapshot, start: String?) {
    let key = call.definition.storageKey
    if let text = options.continueToken {
      let token = try ContinueToken(parsing: text)
      if !options.resourceVersion.isEmpty, options.resourceVersion != "0" {
        throw StatusError.badRequest(
          "specifying resource version is not allowed when using continue")
      }
      guard let version = token.version else { return (store.snapshot(key), token.start) }
      switch store.snapshot(key, at: version) {
      case .known(let snapshot): return (snapshot, token.start)
      case .forgotten, .future: throw ContinueToken.expired(token)
      }
    }
    guard !options.resourceVersion.isEmpty, options.resourceVersion != "0" else {
      return (newest(call), nil)
    }
    let version: UInt64
    do {
      version = try Self.version(options.resourceVersion)
    } catch {
      throw StatusError.badRequest("invalid resource version: \(error.message)")
    }
    let current = store.version
    guard version <= current else {
      throw StatusError.tooLargeResourceVersion(version, current: current)
    }
    guard options.match == .exact || (options.match == nil && options.limit > 0) else {
      return (newest(call, floor: version), nil)
    }
    switch store.snapshot(key, at: version) {
    case .known(let snapshot): return (snapshot, nil)
    case .future(let current):
      throw StatusError.tooLargeResourceVersion(version, current: current)
    case .forgotten:
      throw StatusError(
        410, "Expired", "The resourceVersion for the provided list is too old.")
    }
  }

  /// Which objects a list or watch is about.
  func matcher(
    _ call: ResourceCall, _ options: ListOptions
  ) -> @Sendable (StoredObject) -> Bool {
    let prefix = call.namespace.map { $0 + "/" }
    let labels = options.labelSelector
    let fields = options.fieldSelector
    let definition = call.definition
    if prefix == nil, labels.isEmpty, fields.terms.isEmpty { return { _ in true } }
    return { object in
      if let prefix, !object.path.hasPrefix(prefix) { return false }
      if !labels.isEmpty, !labels.matches(object.labels) { return false }
      return fields.terms.isEmpty || fields.matches(definition.presented(object.json))
    }
  }

  /// A resourceVersion as a number; a 500 without reason when it is none, as from the API server.
  static func version(_ text: String) throws(StatusError) -> UInt64 {
    guard let version = UInt64(text) else {
      throw StatusError.unexplained(
        "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax"
      )
    }
    return version
  }
}

/// Where a paged list goes on: the version all pages show, and the first path of the next one.
struct ContinueToken: Sendable {
  /// Nil after an expired token: the rest as it is now.
  var version: UInt64?
  var start: String

  init(version: UInt64?, start: String) {
    self.version = version
    self.start = start
  }

  var text: String {
    let json: JSONValue = [
      "v": "meta.k8s.io/v1", "rv": version.map { JSONValue($0) } ?? -1, "start": .string(start),
    ]
    return Base64URL.encode(json.serializedBytes())
  }

  init(parsing text: String) throws(StatusError) {
    guard let bytes = Base64URL.decode(text), let first = bytes.first else {
      throw Self.invalid("illegal base64 data at input byte 0")
    }
    guard first == UInt8(ascii: "{"), let json = try? JSONValue(parsing: bytes),
      let version = json["rv"]?.int, let start = json["start"]?.string
    else {
      let shown =
        (0x20..<0x7F).contains(first)
        ? String(UnicodeScalar(first)) : "\\x" + String(first, radix: 16)
      throw Self.invalid("invalid character '\(shown)' looking for beginning of value")
    }
    self.version = version < 0 ? nil : UInt64(version)
    self.start = start
  }

  private static func invalid(_ why: String) -> StatusError {
    StatusError.badRequest("invalid continue token: continue key is not valid: \(why)")
  }

  /// 410 with a token for the rest of the list as it is now, at the price of consistency.
  static func expired(_ token: ContinueToken) -> StatusError {
    var error = StatusError(
      410, "Expired",
      """
      The provided continue parameter is too old to display a consistent list result. You can start \
      a new list without the continue parameter, or use the continue token in this response to \
      retrieve the remainder of the results. Continuing with the provided token results in an \
      inconsistent list - objects that were created, modified, or deleted between the time the \
      first chunk was returned and now may show up in the list.
      """)
    error.metadata["continue"] = .string(ContinueToken(version: nil, start: token.start).text)
    return error
  }
}

/// Base64 with the URL alphabet and without padding (RFC 4648, section 5).
enum Base64URL {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      bits <<= 8 * UInt32(3 - group.count)
      for i in 0...group.count { output.append(alphabet[Int(bits >> (18 - 6 * UInt32(i)) & 63)]) }
    }
    return String(decoding: output, as: UTF8.self)
  }

  static func decode(_ text: String) -> [UInt8]? {
    var output: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in text.utf8 where byte != UInt8(ascii: "=") {
      guard let value = alphabet.firstIndex(of: byte) else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        output.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return output
  }
}
