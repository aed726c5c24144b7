import KubernetesAPI
import KubernetesClient

/// A request that means a resource, taken apart.
struct ResourceCall: Sendable {
  var request: APIRequest
  var query: RequestQuery
  var method: String
  var definition: ResourceDefinition
  var namespace: String?
  var name: String?
  var subresource: String?
  /// List and watch only: the old `/watch/` paths say it there.
  var isWatch: Bool
  var format: ResponseFormat
  /// Who calls; calls from inside the process are not checked.
  var user = UserInfo.administrator(named: APIServer.userName)
  /// Reads see the cluster as it was so many changes ago.
  var staleness = 0

  /// - Parameter path: decoded segments that begin with `api` or `apis`.
  init(_ request: APIRequest, path: [String], registry: ResourceRegistry) throws(StatusError) {
    self.request = request
    query = RequestQuery(request)
    method = request.method == "HEAD" ? "GET" : request.method
    var rest = path[...]
    let isCore = rest.popFirst() == "api"
    let group = isCore ? "" : rest.popFirst() ?? ""
    guard let version = rest.popFirst(), let known = registry.group(group) else {
      throw StatusError.pathNotFound
    }
    // Unknown custom paths are answered by the mux, unknown built-in ones by the API machinery.
    let unknown = known.isCustom ? StatusError.pathNotFound : StatusError.resourceNotFound
    guard known.versions.contains(version) else { throw unknown }
    let isOldWatch = rest.first == "watch"
    if isOldWatch { rest.removeFirst() }
    if rest.first == "namespaces", rest.count >= 3 {
      let third = rest[rest.startIndex + 2]
      let isOwnSubresource = isCore && rest.count == 3 && ["status", "finalize"].contains(third)
      if !isOwnSubresource {
        namespace = rest[rest.startIndex + 1]
        rest = rest.dropFirst(2)
      }
    }
    guard let plural = rest.popFirst(),
      let definition = registry[group, version, plural], rest.count <= 2
    else { throw unknown }
    guard definition.type.isNamespaced || namespace == nil else { throw unknown }
    self.definition = definition
    name = rest.popFirst()
    subresource = rest.popFirst()
    if definition.type.isNamespaced, namespace == nil, name != nil { throw unknown }
    // Across all namespaces one can only read.
    if definition.type.isNamespaced, namespace == nil, method != "GET" {
      throw definition.isCustom ? StatusError.pathNotFound : StatusError.methodNotAllowed
    }
    isWatch =
      subresource == nil && method == "GET"
      && (isOldWatch || (name == nil && (query.flag("watch") ?? false)))
    format = try ResponseFormat.negotiate(accept: Self.header("accept", of: request))
  }

  /// A call from inside the process.
  init(internal method: String, _ definition: ResourceDefinition, _ key: ObjectKey) {
    request = APIRequest(method: method, path: "")
    query = RequestQuery(request)
    self.method = method
    self.definition = definition
    namespace = key.namespace
    name = key.name
    isWatch = false
    format = .json(.full)
  }

  static func header(_ name: String, of request: APIRequest) -> String? {
    request.headers.first { $0.name.lowercased() == name }?.value
  }

  func header(_ name: String) -> String? { Self.header(name, of: request) }

  /// Without parameters; JSON when nothing is said.
  var contentType: String {
    let value = header("content-type") ?? "application/json"
    return ResponseFormat.trimmed(value.split(separator: ";").first ?? "application/json")
  }

  /// Who owns the fields this call writes: the option, or the program's name.
  func manager(_ options: WriteOptions) -> String {
    if let manager = options.fieldManager, !manager.isEmpty { return manager }
    let agent = header("user-agent") ?? ""
    let program = agent.split(separator: "/", maxSplits: 1).first.map(String.init) ?? ""
    return program.isEmpty ? "unknown" : String(program.prefix(128))
  }

  func path(of name: String) -> String {
    StoredObject.path(namespace: definition.type.isNamespaced ? namespace : nil, name: name)
  }
}

/// Percent-encoded paths, taken apart before they are decoded.
enum PercentDecoding {
  static func segments(of path: String) -> [String] {
    path.split(separator: "/").map { decoded($0) }
  }

  static func decoded(_ text: Substring) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
