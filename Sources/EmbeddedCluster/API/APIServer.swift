import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

/// Answers requests as kube-apiserver 1.36 does, from memory.
///
/// Thread-safe and synchronous: each request is answered on the caller's thread; only watches live
/// longer, as sessions that are pulled from.
final class APIServer: Sendable {
  enum Answer: Sendable {
    case response(APIResponse)
    /// The head of the answer, whose body are the session's events.
    case watch(APIResponse, WatchSession)
  }

  static let serverHeader = "agent-operator-embedded-cluster"
  /// kube-apiserver's limit for a request body.
  static let maximumBodyBytes = 3_145_728

  let store: ObjectStore
  let clock: ClusterClock
  let identifiers: IdentifierSource
  /// The compiled rules of definitions.
  let evaluator: (any RuleEvaluator)?
  let access: AccessControl
  private let registryState: Mutex<ResourceRegistry>
  private let nextAddress = Mutex<UInt32>(1)
  /// From the beginning of the range.
  private let nextNodePort = Mutex<Int>(0)
  /// Of watches, in microseconds.
  let bookmarkInterval: Int64

  init(
    clock: ClusterClock, seed: UInt64, historyLimit: Int, evaluator: (any RuleEvaluator)?,
    authorization: EmbeddedClusterAuthorization = .alwaysAllow,
    bookmarkInterval: Int64 = 60_000_000
  ) {
    self.bookmarkInterval = bookmarkInterval
    store = ObjectStore(historyLimit: historyLimit)
    access = AccessControl(authorization, store: store, clock: clock)
    self.clock = clock
    self.evaluator = evaluator
    identifiers = IdentifierSource(seed: seed)
    let registry = Self.builtInRegistry()
    for definition in registry.stored { store.open(definition.storageKey) }
    registryState = Mutex(registry)
  }

  /// A server with the same content, compiled rules included.
  init(
    copyOf other: APIServer, clock: ClusterClock,
    authorization: EmbeddedClusterAuthorization, bookmarkInterval: Int64
  ) {
    self.bookmarkInterval = bookmarkInterval
    store = ObjectStore(copyOf: other.store)
    access = AccessControl(authorization, store: store, clock: clock)
    self.clock = clock
    evaluator = other.evaluator
    identifiers = IdentifierSource(copyOf: other.identifiers)
    registryState = Mutex(other.registry)
    nextAddress.withLock { $0 = other.nextAddress.withLock { $0 } }
    nextNodePort.withLock { $0 = other.nextNodePort.withLock { $0 } }
  }

  /// Begins anew with an empty store, as if it had been replaced.
  func loseData() {
    let registry = Self.builtInRegistry()
    store.reset(to: registry.stored.map(\.storageKey))
    changeRegistry { $0 = registry }
    SeedObjects.install(in: self)
  }

  struct Backup: Sendable {
    fileprivate var objects: ObjectStore.Backup
    fileprivate var registry: ResourceRegistry
  }

  func backUp() -> Backup { Backup(objects: store.backUp(), registry: registry) }

  /// Back to what was then, as when etcd is restored from a snapshot.
  func restore(_ backup: Backup) {
    changeRegistry { $0 = backup.registry }
    store.restore(backup.objects)
  }

  private static func builtInRegistry() -> ResourceRegistry {
    ResourceRegistry(builtIn: BuiltInResources.definitions(), groups: BuiltInResources.groups)
  }

  var registry: ResourceRegistry { registryState.withLock { $0 } }

  func changeRegistry(_ change: (inout ResourceRegistry) -> Void) {
    registryState.withLock { change(&$0) }
  }

  /// RFC 3339, seconds.
  var now: String { KubernetesTime(unixMicroseconds: clock.now()).secondsText }

  func rulesContext() -> RulesContext {
    RulesContext(
      now: now, nextClusterIP: { self.allocateClusterIP() },
      nextNodePort: { self.allocateNodePort(besides: $0) },
      allocations: { self.allocations(besides: $0) })
  }

  private func allocations(besides uid: String) -> ServiceAllocations {
    var allocations = ServiceAllocations()
    for service in store.snapshot("services").objects where service.uid != uid {
      allocations.insert(service.json["spec"] ?? [:])
    }
    return allocations
  }

  /// The next port of the range for nodes that no Service has; nil when they have them all.
  private func allocateNodePort(besides given: Set<Int>) -> Int? {
    let taken = allocations(besides: "").nodePorts
    let range = ServiceAllocation.nodePorts
    for _ in range {
      let offset = nextNodePort.withLock { number in
        defer { number = (number + 1) % range.count }
        return number
      }
      let port = range.lowerBound + offset
      if !taken.contains(port), !given.contains(port) { return port }
    }
    return nil
  }

  /// The next address of the service range 10.96.0.0/12 that no Service has.
  private func allocateClusterIP() -> String {
    let taken = allocations(besides: "").addresses
    while true {
      let number = nextAddress.withLock { number in
        number = number % 0xF_FFF0 + 1
        return number
      }
      let address = "10.\(96 + number >> 16).\(number >> 8 & 255).\(number & 255)"
      if !taken.contains(address) { return address }
    }
  }

  // MARK: Answering

  /// - Parameter staleness: reads see the cluster as it was so many changes ago.
  func answer(_ request: APIRequest, staleness: Int = 0) -> Answer {
    do {
      return try route(request, staleness)
    } catch {
      return .response(Self.response(to: error))
    }
  }

  static func response(to error: StatusError) -> APIResponse {
    var headers = [(name: "server", value: serverHeader)]
    headers.append(contentsOf: warningHeaders(error.warnings))
    if let seconds = error.retryAfterSeconds { headers.append(("retry-after", String(seconds))) }
    if let text = error.plainText {
      headers.append(("content-type", "text/plain; charset=utf-8"))
      return APIResponse(status: error.code, headers: headers, body: Array(text.utf8))
    }
    headers.append(("content-type", "application/json"))
    return APIResponse(status: error.code, headers: headers, body: error.json.serializedBytes())
  }

  /// One header with all warnings (RFC 9110 section 5.3), each `299 - "text"`.
  static func warningHeaders(_ warnings: [String]) -> [(name: String, value: String)] {
    guard !warnings.isEmpty else { return [] }
    let values = warnings.map { warning in
      let escaped = warning.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
      return "299 - \"\(escaped)\""
    }
    return [("warning", values.joined(separator: ", "))]
  }

  private func route(_ request: APIRequest, _ staleness: Int) throws(StatusError) -> Answer {
    let path = PercentDecoding.segments(of: request.path)
    let user = try access.user(of: request)
    if access.isEnforced { try access.authorize(user, RequestAttributes(request, path)) }
    guard request.body.map(\.count) ?? 0 <= Self.maximumBodyBytes else {
      throw StatusError(
        413, "RequestEntityTooLarge", "Request entity too large: limit is \(Self.maximumBodyBytes)")
    }
    if let response = try nonResourceAnswer(request, path) { return .response(response) }
    var call = try ResourceCall(request, path: path, registry: registry)
    call.user = user
    call.staleness = staleness
    let warnings = call.definition.deprecationWarning.map { [$0] } ?? []
    do throws(StatusError) {
      if call.isWatch { return try watch(call, warnings) }
      var reply = try perform(call)
      reply.warnings = warnings + reply.warnings
      return .response(try render(reply, for: call))
    } catch {
      var error = error
      error.warnings = warnings + error.warnings
      throw error
    }
  }

  private func perform(_ call: ResourceCall) throws(StatusError) -> Reply {
    let definition = call.definition
    if let subresource = call.subresource {
      return try performSubresource(call, subresource)
    }
    switch (call.method, call.name) {
    case ("GET", nil) where definition.verbs.contains("list"): return try list(call)
    case ("GET", let name?) where definition.verbs.contains("get"): return try get(call, name)
    case ("POST", nil) where definition.verbs.contains("create"): return try create(call)
    case ("PUT", let name?) where definition.verbs.contains("update"):
      return try replace(call, name)
    case ("PUT", nil) where definition.isCustom:
      throw StatusError.badRequest("name must be provided")
    case ("PATCH", let name?) where definition.verbs.contains("patch"):
      return try patch(call, name)
    case ("DELETE", let name?) where definition.verbs.contains("delete"):
      return try delete(call, name)
    case ("DELETE", nil) where definition.verbs.contains("deletecollection"):
      return try deleteCollection(call)
    default: throw StatusError.methodNotAllowed
    }
  }

  private func performSubresource(
    _ call: ResourceCall, _ subresource: String
  ) throws(StatusError) -> Reply {
    let definition = call.definition
    guard let name = call.name else { throw StatusError.resourceNotFound }
    guard let known = definition.subresources.first(where: { $0.name == subresource }) else {
      throw definition.isCustom
        ? StatusError.notFound(definition, name) : StatusError.resourceNotFound
    }
    let verbs = ["GET": "get", "PUT": "update", "PATCH": "patch", "POST": "create"]
    guard let verb = verbs[call.method], known.verbs.contains(verb) else {
      throw StatusError.methodNotAllowed
    }
    switch (subresource, verb) {
    case ("scale", "get"): return try scale(call, name)
    case ("scale", _): return try changeScale(call, name)
    case ("token", _): return try serviceAccountToken(call, name)
    case ("eviction", _): return try evict(call, name)
    case ("binding", _): return try bind(call, name)
    case ("log", _): return try log(call, name)
    case (_, "get") where known.kind == nil: return try get(call, name)
    case (_, "update") where known.kind == nil: return try replace(call, name)
    case (_, "patch") where known.kind == nil: return try patch(call, name)
    default:
      throw StatusError(
        501, "NotImplemented",
        "\(definition.qualifiedName)/\(subresource) needs containers; this cluster is simulated and runs none"
      )
    }
  }
}
