import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering

/// A pod template that waits because only the class or the operator has changed, and what holds until
/// then. The rule is that of `AppliedRendering`.
struct PendingRendering: Sendable {
  enum Cause: String, Sendable {
    case classChanged = "ClassChanged"
    case operatorChanged = "OperatorChanged"
  }

  var cause: Cause
  /// The agent as its pods were shaped.
  var agent: AgentDeployment
  var rendering: Rendering
}

extension AgentReconciler {
  /// Reads what the pods run on when the Deployment is to be changed although the user gave the pods
  /// nothing new, and only then.
  ///
  /// - Returns: nil when nothing has to wait.
  func pending(
    _ agent: AgentDeployment, _ context: RenderingContext, _ rendering: Rendering
  ) async throws -> PendingRendering? {
    let key = agent.object.key
    guard let new = rendering.objects.first(where: { $0.resource == .deployments }),
      let live = try await deployment(of: agent.object),
      Planner.isOurs(live, agent.object.uid ?? "", agent.name),
      live.annotations[RenderHash.annotation] != new.object.annotations[RenderHash.annotation],
      let input = new.object.annotations[AppliedRendering.inputAnnotation],
      live.annotations[AppliedRendering.inputAnnotation] ?? input == input,
      let applied = try await appliedRendering(of: live),
      applied.input == input,
      applied.template != rendering.template
    else { return nil }
    let keptClass = context.agentClass.keeping(applied.podPart)
    guard
      case .success(var kept) = AgentDeployment.decode(agent.object.json, agentClass: keptClass)
    else { return nil }
    // Not of the pods, and without hosts that another agent has.
    kept.spec.traffic = agent.spec.traffic
    var keptContext = context
    keptContext.agentClass = keptClass
    return PendingRendering(
      cause: applied.podPart == context.agentClass.podPart ? .operatorChanged : .classChanged,
      agent: kept, rendering: kept.render(keptContext, keeping: applied))
  }

  /// Also one that somebody has taken our label off, so that the cache does not show it: an agent that
  /// has a status had one.
  private func deployment(of agent: KubernetesObject) async throws -> KubernetesObject? {
    try await known(.deployments, agent.key, of: agent, representation: .object)
  }

  /// What the pod of the store runs on.
  func appliedState(of agent: KubernetesObject) async throws -> AppliedRendering? {
    let live = try await known(
      .statefulSets, AppliedState.statefulSet(of: agent.key), of: agent, representation: .metadata)
    guard let live, Planner.isOurs(live, agent.uid ?? "", agent.name) else { return nil }
    return AppliedRendering(in: live)
  }

  private func known(
    _ resource: ResourceType, _ key: ObjectKey, of agent: KubernetesObject,
    representation: Representation
  ) async throws -> KubernetesObject? {
    if let known = cache.children[resource]?.get(key) { return known }
    guard agent["status"]?["updateRevision"] != nil else { return nil }
    return try await client.getIfPresent(resource, key, representation: representation)
  }

  private func appliedRendering(of live: KubernetesObject) async throws -> AppliedRendering? {
    let revision = DeploymentHealth(live).revision
    guard !revision.isEmpty else { return nil }
    let key = AppliedRendering.configMap(of: live.key, revision: revision)
    let map = try await client.getIfPresent(.configMaps, key, representation: .metadata)
    return map.flatMap { AppliedRendering(in: $0) }
  }
}
