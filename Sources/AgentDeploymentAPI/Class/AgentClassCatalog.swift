import JSON
public import KubernetesAPI

/// The classes there are, and which of them an agent is of.
public struct AgentClassCatalog: Sendable {
  private let classes: [String: Result<AgentClass, FieldErrors>]
  /// Names of the classes that are marked as default, the one that holds first: the oldest, and of
  /// two of the same second the first by name.
  public let defaultNames: [String]

  /// - Parameter objects: valid or not.
  public init(_ objects: [KubernetesObject] = []) {
    var classes: [String: Result<AgentClass, FieldErrors>] = [:]
    for object in objects { classes[object.name] = AgentClass.decode(object.json) }
    self.classes = classes
    defaultNames =
      objects.filter { $0.annotations[AgentClass.isDefaultAnnotation] == "true" }
      .map { (created: $0.metadata["creationTimestamp"]?.string ?? "", name: $0.name) }
      .sorted { ($0.created, $0.name) < ($1.created, $1.name) }.map(\.name)
  }

  /// The class of agents that name none. It may exist under the built-in one's name without a mark.
  public var nameForUnnamed: String { defaultNames.first ?? AgentClass.builtInName }

  /// The class of agents that name it, or, for nil, of those that name none: the one marked as
  /// default, else the built-in one.
  ///
  /// - Parameter discovered: what is there of the capabilities that a class leaves out.
  /// - Returns: what is wrong with `spec.className` when there is no such class or it is invalid.
  public func agentClass(
    named name: String?, discovered: Set<Capability> = Capability.offline
  ) -> Result<AgentClass, FieldErrors> {
    let wanted = name ?? nameForUnnamed
    let found: AgentClass
    switch classes[wanted] {
    case .success(let known): found = known
    case .failure(let failure):
      let problems = failure.errors.map(\.description).joined(separator: "; ")
      return .failure(
        error(.classInvalid, "AgentClass \(wanted) is invalid: \(problems)", fix: nil))
    case nil where wanted == AgentClass.builtInName: found = .builtIn
    case nil:
      let known = (classes.keys + [AgentClass.builtInName]).sorted()
      let nearest = NearestName.of(wanted, among: known).map { "did you mean \($0)?" }
      return .failure(
        error(.classNotFound, "there is no AgentClass \"\(wanted)\"", fix: nearest))
    }
    var agentClass = found
    agentClass.capabilities.discovered = discovered
    return .success(agentClass)
  }

  private func error(_ reason: FieldError.Reason, _ message: String, fix: String?) -> FieldErrors {
    FieldErrors([FieldError(["spec", "className"], reason, message, fix: fix)])
  }
}
