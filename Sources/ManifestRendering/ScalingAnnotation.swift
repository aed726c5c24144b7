import JSON
import KubernetesAPI

/// Tells on a Deployment whether its replicas were rendered, so that a later hand-over to an
/// autoscaler knows that it has to keep the number.
public enum ScalingAnnotation {
  public static let name = "agentdeploy.dev/replicas"
  public static let fixed = "Fixed"
  public static let autoscaled = "Autoscaled"
}

extension RenderedObject {
  /// A Deployment with a fixed number of pods, as it would be rendered beside a scaler.
  package var withoutReplicas: RenderedObject {
    var rendered = self
    rendered.object["spec"]?["replicas"] = nil
    rendered.object["metadata"]?["annotations"]?[ScalingAnnotation.name] =
      .string(ScalingAnnotation.autoscaled)
    // The owner comes after the hash.
    rendered.object["metadata"]?["ownerReferences"] = nil
    rendered.object["metadata"]?["annotations"]?[RenderHash.annotation] = nil
    RenderHash.stamp(&rendered, template: RenderHash.template(of: [self]))
    rendered.object["metadata"]?["ownerReferences"] = object["metadata"]?["ownerReferences"]
    return rendered
  }
}
