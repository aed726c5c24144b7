import KubernetesAPI
import ManifestRendering
import Synchronization

/// Which agents need which Secrets and ConfigMaps, so that one that appears or changes finds them.
final class ReferenceIndex: Sendable {
  struct Target: Hashable, Sendable {
    var kind: Reference.Kind
    var key: ObjectKey
  }

  private struct State {
    var agents: [Target: Set<ObjectKey>] = [:]
    var targets: [ObjectKey: Set<Target>] = [:]
  }

  private let state = Mutex(State())

  func set(_ references: [Reference], of agent: ObjectKey) {
    let targets = Set(
      references.map {
        Target(
          kind: $0.kind, key: ObjectKey(namespace: $0.namespace ?? agent.namespace, name: $0.name))
      })
    state.withLock { state in
      let old = state.targets[agent] ?? []
      for target in old.subtracting(targets) {
        state.agents[target]?.remove(agent)
        if state.agents[target]?.isEmpty == true { state.agents[target] = nil }
      }
      for target in targets.subtracting(old) { state.agents[target, default: []].insert(agent) }
      state.targets[agent] = targets.isEmpty ? nil : targets
    }
  }

  func agents(needing kind: Reference.Kind, _ key: ObjectKey) -> Set<ObjectKey> {
    state.withLock { $0.agents[Target(kind: kind, key: key)] ?? [] }
  }
}
