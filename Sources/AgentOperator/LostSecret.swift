import JSON
import KubernetesAPI
import ManifestRendering

/// A generated Secret that somebody has deleted while pods run with its value: the new one has another,
/// of which only a restart tells them. It is made like one that was rotated just now, so that this is
/// known from the Secret itself wherever the process ends.
enum LostSecret {
  /// - Parameter now: seconds since 1970.
  static func mark(in plan: inout Plan, _ observed: ObservedState, now: Int64) {
    for i in plan.steps.indices {
      guard case .apply(var rendered, .missing) = plan.steps[i], rendered.restartsReaders,
        let deployment = observed[.deployments, readers(of: rendered)],
        // They may restart anyway: the Secret is new to them, or an earlier time of rotation is lost.
        !plan.restartsPods(of: deployment)
      else { continue }
      rendered.lostAt = now
      plan.steps[i] = .apply(rendered, .missing)
    }
  }

  private static func readers(of secret: RenderedObject) -> ObjectKey {
    ObjectKey(
      namespace: secret.object.namespace,
      name: secret.object.label("agentdeploy.dev/agent") ?? secret.object.name)
  }
}

extension Plan {
  /// Whether it gives the Deployment another pod template.
  fileprivate func restartsPods(of live: KubernetesObject) -> Bool {
    steps.contains {
      guard case .apply(let rendered, .changed) = $0, rendered.resource == .deployments,
        rendered.object.key == live.key
      else { return false }
      func hash(_ object: KubernetesObject) -> JSONValue? {
        object["spec"]?["template"]?["metadata"]?["annotations"]?[Rendering.secretsHashAnnotation]
      }
      // What is only taken away is no drift.
      return hash(rendered.object) != hash(live)
        || LiveComparison.drift(
          rendered: rendered.object, live: live, metadataOnly: false, limit: 100
        ).contains { $0.components.starts(with: ["spec", "template"]) }
    }
  }
}
