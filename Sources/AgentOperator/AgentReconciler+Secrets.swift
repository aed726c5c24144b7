import AgentDeploymentAPI
import ControllerRuntime
import JSON
import KubernetesAPI
import ManifestRendering

/// Secrets that get older: what is due for them, and what to say about it.
extension AgentReconciler {
  /// A generated Secret restarts the pods by its rotations alone, and that it was lost is one
  /// (`LostSecret`). Its resourceVersion would not do: it is not known before the Secret exists, and
  /// labels change it.
  func rotationVersions(of agent: AgentDeployment) -> [String: String] {
    var versions: [String: String] = [:]
    for secret in agent.spec.secrets
    where secret.generation != nil && secret.onChange == .restart {
      let name = secret.secretName(agent: agent.name)
      let key = ObjectKey(namespace: agent.namespace, name: name)
      versions[name] = cache.children[.secrets]?.get(key)?.annotations[SecretRotation.annotation]
    }
    return versions
  }

  /// Of those with a `maxAge` or a `rotateEvery` that exist.
  func secretAges(of agent: AgentDeployment) async throws -> [SecretAge] {
    var ages: [SecretAge] = []
    for (i, secret) in agent.spec.secrets.enumerated() {
      let generation = secret.generation
      guard secret.maxAge != nil || generation?.rotateEvery != nil else { continue }
      let name = secret.secretName(agent: agent.name)
      let key = ObjectKey(namespace: agent.namespace, name: name)
      guard let live = cache.children[.secrets]?.get(key) else { continue }
      // Nothing of somebody else's is rotated, nor what goes.
      if generation != nil,
        live.deletionTimestamp != nil
          || !Planner.isOurs(live, agent.object.uid ?? "", agent.name)
      {
        continue
      }
      var age = SecretAge(
        name: secret.name, secretName: name, field: "spec.secrets[\(i)].maxAge", changedAt: 0,
        maxAge: secret.maxAge)
      if let generation {
        let rotation = SecretRotation(
          every: generation.rotateEvery, keepsPrevious: generation.keepPrevious)
        guard let made = rotation.madeAt(live, now: clock.wallTime) else { continue }
        age.changedAt = made
        age.rotatesAt = rotation.due(live, now: clock.wallTime)
      } else {
        guard let changed = try await secretTimes.changedAt(of: live) else { continue }
        age.changedAt = changed
      }
      age.isDue = age.dueAt.map { $0 <= clock.wallTime } ?? false
      ages.append(age)
    }
    return ages
  }

  /// In how many seconds time alone changes something about Secrets; nil: never.
  func nextMoment(_ ages: [SecretAge]) -> Int64? {
    let now = clock.wallTime
    return ages.compactMap { $0.nextMoment(after: now) }.min().map { max(1, $0 - now) }
  }
}
