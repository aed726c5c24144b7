/// Which requests to an embedded cluster fail, and how.
///
/// Empty lists match everything; all that is given has to match. Requests to `/simulation` never
/// fail.
public struct FaultRule: Sendable, Hashable {
  public enum Effect: Sendable, Hashable {
    /// The request is carried out later, and only then.
    case delay(Duration)
    /// The connection ends without an answer; nothing was done.
    case loseRequest
    /// The connection ends without an answer; the request was carried out.
    case loseAnswer
    /// Refused with a Status of this code (409, 410, 429, 500, 503, …); nothing was done.
    case fail(status: Int, retryAfterSeconds: Int? = nil)
    /// Carried out; the answer's body breaks off after so many bytes. For a watch: its stream does.
    case reset(afterBytes: Int)
    /// A get, list or watch sees the cluster as it was so many changes ago, or as far back as is
    /// remembered.
    case staleRead(changesAgo: Int)
    /// A watch tells no more after so many events, and stays open until the faults are cleared.
    case freezeWatch(afterEvents: Int)
    /// A watch ends, as after its timeout, after so many events.
    case endWatch(afterEvents: Int)
    /// A watch ends with an ERROR event, 410 Expired, after so many events.
    case expireWatch(afterEvents: Int)
  }

  /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
  public var verbs: Set<String>
  /// As `configmaps`, `deployments.apps`, `deployments.apps/status`; without a subresource its
  /// requests match, too.
  public var resources: Set<String>
  public var namespaces: Set<String>
  /// Of single objects; creations have their name in the body and do not match.
  public var names: Set<String>
  /// So many matching requests are let through first.
  public var skip: Int
  /// So many requests are hit, then the rule is used up; nil for no end.
  public var times: Int?
  /// Of being hit, for each matching request; drawn from the plan's seed.
  public var probability: Double
  public var effect: Effect

  public init(
    _ effect: Effect, verbs: Set<String> = [], resources: Set<String> = [],
    namespaces: Set<String> = [], names: Set<String> = [], skip: Int = 0, times: Int? = nil,
    probability: Double = 1
  ) {
    self.effect = effect
    self.verbs = verbs
    self.resources = resources
    self.namespaces = namespaces
    self.names = names
    self.skip = skip
    self.times = times
    self.probability = probability
  }

  func matches(_ request: RequestAttributes) -> Bool {
    guard verbs.isEmpty || verbs.contains(request.verb) else { return false }
    guard namespaces.isEmpty || namespaces.contains(request.namespace) else { return false }
    guard names.isEmpty || names.contains(request.name) else { return false }
    guard !resources.isEmpty else { return true }
    guard request.path == nil else { return false }
    let resource = request.group.isEmpty ? request.resource : "\(request.resource).\(request.group)"
    return resources.contains(resource)
      || (!request.subresource.isEmpty && resources.contains("\(resource)/\(request.subresource)"))
  }
}
