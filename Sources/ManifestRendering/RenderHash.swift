import KubernetesAPI
import AgentDeploymentAPI
import JSON

/// Tells whether what was applied last is what would be applied now (correctness rule 26): also when
/// a field is no longer rendered, which comparing live values cannot see.
public enum RenderHash {
  public static let annotation = "agentdeploy.dev/rendered-hash"

  /// 16 hexadecimal characters over the canonical form of the object without this annotation, and of
  /// what is sent with it.
  ///
  /// - Parameter template: the hash of a pod template: stands for the one in a Deployment, and for
  ///   the one that goes with a ConfigMap. A StatefulSet has one of its own.
  static func stamp(_ rendered: inout RenderedObject, template: String) {
    var hashed = rendered.object.json
    if rendered.resource == .deployments { hashed["spec"]?["template"] = .string(template) }
    if rendered.resource == .statefulSets {
      hashed["record"] = .string(rendered.record?.input ?? "")
    } else if let record = rendered.record {
      hashed["record"] = [.string(record.input), record.podPart.json, .string(template)]
    }
    stamp(&rendered.object, hashed)
  }

  static func stamp(_ object: inout KubernetesObject) {
    stamp(&object, object.json)
  }

  /// Of the pods, as part of other hashes.
  static func template(of objects: [RenderedObject]) -> String {
    let deployment = objects.first { $0.resource == .deployments }
    return hash(deployment?.object["spec"]?["template"] ?? [:])
  }

  private static func stamp(_ object: inout KubernetesObject, _ hashed: JSONValue) {
    object["metadata"]?["annotations"]?[annotation] = .string(hash(hashed))
  }

  private static func hash(_ value: JSONValue) -> String {
    String(SHA256.hexDigest(of: value.serializedBytes(.canonical)).prefix(16))
  }
}
