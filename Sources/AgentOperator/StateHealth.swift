import JSON
import AgentDeploymentAPI
import KubernetesAPI
import ManifestRendering

/// How the StatefulSet of a managed store does.
struct StateHealth: Sendable, Equatable {
  var name: String
  var exists: Bool
  /// Its pod passes the probe, and so takes commands with the password.
  var isReady: Bool
  /// Ready, and of the newest template.
  var isSettled: Bool

  /// Nil without a managed store.
  static func of(_ agent: AgentDeployment, _ observed: ObservedState) -> StateHealth? {
    guard case .managed = agent.spec.state else { return nil }
    let key = AppliedState.statefulSet(of: agent.object.key)
    if let live = observed[.statefulSets, key] { return StateHealth(live) }
    return StateHealth(name: key.name, exists: false, isReady: false, isSettled: false)
  }
}

extension StateHealth {
  init(_ object: KubernetesObject) {
    let status = object["status"]
    name = object.name
    exists = true
    isReady = (status?["readyReplicas"]?.int ?? 0) > 0
    let isObserved = (status?["observedGeneration"]?.int ?? 0) >= (object.generation ?? 0)
    isSettled =
      isReady && isObserved
      && status?["currentRevision"]?.string == status?["updateRevision"]?.string
  }
}
