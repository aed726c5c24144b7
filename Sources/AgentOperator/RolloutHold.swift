import KubernetesAPI
import ManifestRendering

/// What pods use goes only when no pod is left that was made to use it.
///
/// An agent that calls its models itself from now on, keeps its sessions elsewhere or runs under
/// another account has pods that still call the gateway, write to the old store and use the old token,
/// until the last of them is replaced; it may never be when the new ones do not become ready. The
/// Deployment's own status tells, also of pods that drain where the cluster counts these.
enum RolloutHold {
  private static let used =
    Set(ModelRoute.kinds).union([
      .serviceAccounts, .roles, .roleBindings, .secrets, .externalSecrets, .serviceEntries,
      .statefulSets, .services,
    ])

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
    let health = DeploymentHealth(live)
    return isChanging || !health.isComplete || health.terminating > 0 ? used : []
  }
}
