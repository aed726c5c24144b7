import KubernetesAPI
import ManifestRendering

/// A route to models goes only when no pod asks it any more.
///
/// An agent that calls its models itself from now on has pods that still call the gateway, until the
/// last of them is replaced. The objects of the route stay until then; the Deployment's own status
/// tells when that is.
enum ModelRouteHold {
  /// The kinds of which nothing is deleted now.
  static func kinds(_ rendering: Rendering, _ observed: ObservedState, _ plan: Plan)
    -> Set<ResourceType>
  {
    guard let deployment = rendering.objects.first(where: { $0.resource == .deployments }),
      let live = observed[.deployments, deployment.object.key]
    else { return [] }
    let isChanging = plan.steps.contains { step in
      if case .apply(let object, _) = step { object.resource == .deployments } else { false }
    }
    return isChanging || !DeploymentHealth(live).isComplete ? Set(ModelRoute.kinds) : []
  }
}
