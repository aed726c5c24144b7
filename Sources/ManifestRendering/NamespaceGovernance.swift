public import AgentDeploymentAPI
import JSON
public import KubernetesAPI

/// What a class gives each namespace with agents of it, once, whatever their number: a ResourceQuota
/// and a LimitRange. They are the class's, not an agent's: quotas of a namespace add up, so two agents
/// with one each would cap each other.
public enum NamespaceGovernance {
  /// On everything that a class owns.
  public static let classLabel = "agentdeploy.dev/class"
  /// On a namespace whose label is ours: to be taken off with it.
  public static let podSecurityAnnotation = "agentdeploy.dev/pod-security"
  /// https://kubernetes.io/docs/concepts/security/pod-security-admission/
  public static let enforceLabel = "pod-security.kubernetes.io/enforce"

  /// - Returns: nothing for a class that leaves namespaces alone.
  public static func objects(of agentClass: AgentClass, in namespace: String) -> [RenderedObject] {
    guard let quota = agentClass.quota else { return [] }
    var objects: [RenderedObject] = []
    if !quota.hard.isEmpty {
      objects.append(
        object(.resourceQuotas, agentClass, namespace, ["hard": JSONValue(quota.hard)]))
    }
    if quota.limitRange {
      objects.append(object(.limitRanges, agentClass, namespace, ["limits": [limits(agentClass)]]))
    }
    return objects
  }

  /// What containers get that say nothing: the resources that an agent of the class gets.
  private static func limits(_ agentClass: AgentClass) -> JSONValue {
    let resources = agentClass.defaultResources
    return [
      "type": "Container", "default": JSONValue(resources.limits),
      "defaultRequest": JSONValue(resources.requests),
    ]
  }

  private static func object(
    _ resource: ResourceType, _ agentClass: AgentClass, _ namespace: String, _ spec: JSONValue
  ) -> RenderedObject {
    // Not the class's name alone: that would be a likely name of somebody else's.
    var object = KubernetesObject(
      resource.gvk, namespace: namespace, name: "agents-\(agentClass.nameSuffix)")
    object["metadata"]?["labels"] = [
      ObjectNames.managedByLabel: .string(ObjectNames.managedByValue),
      classLabel: .string(agentClass.labelValue),
    ]
    object["metadata"]?["annotations"] = [:]
    object["spec"] = spec
    RenderHash.stamp(&object)
    if let uid = agentClass.object?.uid {
      let owner = OwnerReference(
        apiVersion: AgentClass.resource.apiVersion, kind: AgentClass.kind, name: agentClass.name,
        uid: uid)
      object["metadata"]?["ownerReferences"] = [owner.json]
    }
    return RenderedObject(
      object: object, resource: resource, wave: .policy, isOptionalKind: false, generatedKeys: [:],
      isRetained: false)
  }

  /// The strictest of what the classes with agents in a namespace ask for; nil: as it is.
  public static func podSecurity(of classes: [AgentClass]) -> String? {
    let levels = classes.compactMap { $0.quota?.podSecurity }
    if levels.contains(.restricted) { return "restricted" }
    return levels.isEmpty ? nil : "baseline"
  }

  /// Everything that the classes of some agents give their namespaces, each once and in order.
  public static func objects(
    for agents: [(agent: AgentDeployment, agentClass: AgentClass)]
  ) -> [KubernetesObject] {
    let byNamespace = Dictionary(grouping: agents, by: \.agent.namespace)
    return byNamespace.sorted { $0.key < $1.key }.flatMap { namespace, agents in
      var classes: [String: AgentClass] = [:]
      for (_, agentClass) in agents { classes[agentClass.name] = agentClass }
      let used = classes.sorted { $0.key < $1.key }.map(\.value)
      let label = podSecurity(of: used).map { [self.namespace(namespace, podSecurity: $0)] } ?? []
      return label + used.flatMap { objects(of: $0, in: namespace).map(\.object) }
    }
  }

  /// Whether a namespace that enforces `level` already asks for no less than `wanted`.
  public static func isAtLeast(_ level: String?, _ wanted: String) -> Bool {
    let order = ["privileged", "baseline", "restricted"]
    guard let level, let has = order.firstIndex(of: level), let needs = order.firstIndex(of: wanted)
    else { return false }
    return has >= needs
  }

  /// The labels of a namespace, to be applied on top of its others.
  ///
  /// - Parameter level: nil takes off what was applied before.
  public static func namespace(_ name: String, podSecurity level: String?) -> KubernetesObject {
    var object = KubernetesObject(ResourceType.namespaces.gvk, namespace: nil, name: name)
    if let level {
      object["metadata"]?["labels"] = [enforceLabel: .string(level)]
      object["metadata"]?["annotations"] = [podSecurityAnnotation: .string(level)]
    }
    return object
  }
}

extension AgentClass {
  /// A label's value has at most 63 characters, a class's name 253.
  fileprivate var labelValue: String { name.utf8.count <= 63 ? name : hash }

  /// With what stands before it, an object's name has at most 253.
  fileprivate var nameSuffix: String { name.utf8.count <= 246 ? name : hash }

  private var hash: String { String(SHA256.hexDigest(of: Array(name.utf8)).prefix(16)) }
}
