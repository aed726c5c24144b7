public import KubernetesAPI
import JSON

/// Tells whether what was applied last is what would be applied now (correctness rule 26): also when
/// a field is no longer rendered, which comparing live values cannot see.
public enum RenderHash {
  public static let annotation = "agentdeploy.dev/rendered-hash"

  /// 16 hexadecimal characters over the canonical form of the object without this annotation.
  static func stamp(_ object: inout KubernetesObject) {
    let digest = SHA256.hexDigest(of: object.json.serializedBytes(.canonical))
    object["metadata"]?["annotations"]?[annotation] = .string(String(digest.prefix(16)))
  }
}
