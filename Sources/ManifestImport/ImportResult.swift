public import AgentDeploymentAPI
public import JSON
public import KubernetesAPI

/// Something about one object, or one field of it, that a person has to know.
public struct ImportNote: Sendable, Hashable, CustomStringConvertible {
  /// `Deployment agents/support`.
  public var object: String
  /// Empty for the object as a whole.
  public var path: String
  public var reason: String

  public init(_ object: String, _ path: String = "", _ reason: String) {
    self.object = object
    self.path = path
    self.reason = reason
  }

  public var description: String {
    "\(object)\(path.isEmpty ? "" : " \(path)"): \(reason)"
  }
}

/// A Deployment and what belongs to it, as one AgentDeployment.
public struct ImportedAgent: Sendable {
  public var manifest: JSONValue
  /// The same, decoded: it is always valid.
  public var agent: AgentDeployment
  /// Input objects whose fields all stand in the rendering, but for what is listed below.
  public var replaced: [String]
  /// Fields that the rendering has otherwise, on purpose.
  public var corrections: [ImportNote]
  /// Fields that are lost.
  public var notCarried: [ImportNote]
  /// What the rendering has beside the input.
  public var additions: [String]
}

/// A Deployment that cannot be an agent.
public struct RefusedImport: Sendable {
  public var deployment: KubernetesObject
  /// Of the AgentDeployment that it would be.
  public var errors: FieldErrors
}

/// What became of the input: every object is in exactly one place.
public struct ImportResult: Sendable {
  public var agents: [ImportedAgent] = []
  public var refused: [RefusedImport] = []
  /// Objects that stay as they are, because agents refer to them.
  public var kept: [ImportNote] = []
  /// Objects that no agent has anything to do with.
  public var ignored: [ImportNote] = []
}

extension KubernetesObject {
  var title: String { "\(kind) \(key)" }
}
