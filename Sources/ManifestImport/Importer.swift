public import AgentDeploymentAPI
import AgentOperator
import JSON
public import KubernetesAPI
import ManifestRendering

/// Makes AgentDeployments of Deployments and the objects around them.
///
/// What comes out is checked by rendering it: every field of the input stands in the rendering with
/// an equal value, or is in one of the lists of the result.
public enum Importer {
  public struct Options: Sendable {
    /// Only these Deployments; all but well-known data stores when empty.
    public var names: Set<String>
    /// `MCP`, `A2A`, `ADK` or `HTTP`; guessed from the image's name when nil.
    public var agentProtocol: String?

    public init(names: Set<String> = [], agentProtocol: String? = nil) {
      self.names = names
      self.agentProtocol = agentProtocol
    }
  }

  /// - Parameters:
  ///   - objects: of any kind; their namespaces are filled in.
  ///   - render: what an agent becomes.
  public static func run(
    _ objects: [KubernetesObject], _ options: Options = Options(),
    render: @escaping (AgentDeployment) -> [KubernetesObject]
  ) -> ImportResult {
    var result = ImportResult()
    var used: Set<String> = []
    var left: [String: String] = [:]
    for deployment in objects where deployment.gvk.groupKind == Self.deployment {
      guard isWanted(deployment, options) else { continue }
      let related = RelatedObjects(of: deployment, in: objects)
      do throws(FieldErrors) {
        var agentImport = AgentImport(related, options, render)
        result.agents.append(try agentImport.run())
        used.formUnion(related.all.map(\.title))
      } catch {
        result.refused.append(RefusedImport(deployment: deployment, errors: error))
        used.insert(deployment.title)
        for object in related.all { left[object.title] = deployment.title }
      }
    }
    let agents = result.agents.map(\.agent)
    for object in objects where !used.contains(object.title) {
      if let reason = reference(to: object, from: agents) {
        result.kept.append(ImportNote(object.title, "", reason))
      } else {
        let reason =
          left[object.title].map { "belongs to \($0), which is not imported" }
          ?? Self.reason(object, options)
        result.ignored.append(ImportNote(object.title, "", reason))
      }
    }
    return result
  }

  private static let deployment = GroupKind(group: "apps", kind: "Deployment")

  private static func isWanted(_ deployment: KubernetesObject, _ options: Options) -> Bool {
    options.names.isEmpty ? !isDataStore(deployment) : options.names.contains(deployment.name)
  }

  private static func isDataStore(_ deployment: KubernetesObject) -> Bool {
    let containers = deployment[path: "spec", "template", "spec", "containers"]?.array ?? []
    let stores = [
      "redis", "valkey", "postgres", "mysql", "mariadb", "mongo", "memcached", "nats", "rabbitmq",
      "kafka", "qdrant", "etcd",
    ]
    return containers.contains { container in
      let image = container["image"]?.string?.split(separator: "/").last ?? ""
      return stores.contains {
        image == $0 || image.hasPrefix("\($0):") || image.hasPrefix("\($0)@")
      }
    }
  }

  private static func reference(
    to object: KubernetesObject, from agents: [AgentDeployment]
  ) -> String? {
    let users = agents.filter { agent in
      agent.namespace == (object.namespace ?? "default")
        && agent.object.json["spec"]?.mentions(object.name) == true
    }
    guard ["Secret", "ConfigMap", "ServiceAccount", "PersistentVolumeClaim"].contains(object.kind),
      let user = users.first
    else { return nil }
    return "AgentDeployment \(user.name) refers to it"
  }

  private static func reason(_ object: KubernetesObject, _ options: Options) -> String {
    if object.gvk.groupKind == deployment {
      return options.names.isEmpty
        ? "a data store is no agent; name it with --deployment if it is one" : "not asked for"
    }
    return "belongs to no imported Deployment"
  }
}

extension JSONValue {
  /// Whether a text in it is the name.
  fileprivate func mentions(_ name: String) -> Bool {
    switch self {
    case .string(let text): text == name
    case .array(let items): items.contains { $0.mentions(name) }
    case .object(let object): object.contains { $0.value.mentions(name) }
    default: false
    }
  }
}
