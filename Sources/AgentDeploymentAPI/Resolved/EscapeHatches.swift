public import JSON

/// A strategic merge onto the rendered pod template; the agent's container is named `agent`.
public struct PodTemplate: Sendable, Hashable {
  /// The sidecar of secrets with `onChange: Reload`.
  public static let reloadContainer = "agent-reload"

  public var labels: [String: String]
  public var annotations: [String: String]
  /// A PodSpec, as the user wrote it.
  public var spec: JSONObject
}

/// A merge patch (RFC 7386) onto a generated object.
public struct Override: Sendable, Hashable {
  public var kind: String
  /// Nil: every generated object of the kind.
  public var name: String?
  public var patch: JSONValue
}
