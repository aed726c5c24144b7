import KubernetesAPI
import ManifestRendering

/// What pods use goes only when no pod is left that was made to use it.
///
/// An agent that calls its models itself from now on, keeps its sessions elsewhere or runs under
/// another account has pods that still call the gateway, write to the old store and use the old token,
/// until the last of them is replaced; it may never be when the new ones do not become ready. The
/// Deployment's own status tells, also of pods that drain where the cluster counts these.
///
/// With a store stays all that is its own: its volume, and what keeps others out of it. The agent's own
/// NetworkPolicy does not wait: what it forbids from now on is forbidden at once.
struct RolloutHold {
  private static let used =
    Set(ModelRoute.kinds).union([
      .serviceAccounts, .roles, .roleBindings, .secrets, .externalSecrets, .serviceEntries,
      .statefulSets, .services,
    ])

  private let isOn: Bool
  /// Of everything that a managed store consists of.
  private let store: ObjectKey?

  init(_ rendering: Rendering, _ observed: ObservedState, _ plan: Plan) {
    guard let deployment = rendering.objects.first(where: { $0.resource == .deployments }),
      let live = observed[.deployments, deployment.object.key]
    else {
      isOn = false
      store = nil
      return
    }
    let isChanging = plan.steps.contains { step in
      if case .apply(let object, _) = step { object.resource == .deployments } else { false }
    }
    let health = DeploymentHealth(live)
    isOn = isChanging || !health.isComplete || health.terminating > 0
    store = AppliedState.statefulSet(of: deployment.object.key)
  }

  /// - Parameter step: a delete.
  func holds(_ step: PlanStep) -> Bool {
    guard isOn, case .delete(let resource, let key, _, _) = step else { return false }
    return Self.used.contains(resource) || key == store
  }
}
