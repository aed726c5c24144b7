public import JSON

/// A strategic merge onto the rendered pod template; the agent's container is named `agent`.
public struct PodTemplate: Sendable, Hashable {
  /// The sidecar of secrets with `onChange: Reload`.
  public static let reloadContainer = "agent-reload"

  public var labels: [String: String]
  public var annotations: [String: String]
  /// A PodSpec, as the user wrote it.
  public var spec: JSONObject

  /// The finished pod template.
  public func merged(onto rendered: JSONValue) -> JSONValue {
    var template = rendered
    for (list, members) in [("labels", labels), ("annotations", annotations)] {
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        template["metadata"]?[list]?[key] = .string(value)
      }
    }
    template["spec"] = PodSpecMerge.merge(template["spec"] ?? [:], with: .object(spec))
    return template
  }
}

/// A merge patch (RFC 7386) onto a generated object.
public struct Override: Sendable, Hashable {
  public var kind: String
  /// Nil: every generated object of the kind.
  public var name: String?
  public var patch: JSONValue

  public func isFor(_ kind: String, _ name: String) -> Bool {
    kind == self.kind && (self.name ?? name) == name
  }
}
