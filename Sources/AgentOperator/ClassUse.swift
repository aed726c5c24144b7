import KubernetesAPI
import Synchronization

/// Which agents of a namespace are of which class, as far as they have been looked at.
final class ClassUse: Sendable {
  private struct State {
    /// Namespace to class to agents.
    var agents: [String: [String: Set<ObjectKey>]] = [:]
    var classes: [ObjectKey: String] = [:]
  }

  private let state = Mutex(State())

  /// - Parameter name: nil when the agent is gone or not accepted.
  func set(_ name: String?, of agent: ObjectKey) {
    let namespace = agent.namespace ?? ""
    state.withLock { state in
      let old = state.classes[agent]
      guard old != name else { return }
      if let old {
        state.agents[namespace]?[old]?.remove(agent)
        if state.agents[namespace]?[old]?.isEmpty == true { state.agents[namespace]?[old] = nil }
        if state.agents[namespace]?.isEmpty == true { state.agents[namespace] = nil }
      }
      if let name { state.agents[namespace, default: [:]][name, default: []].insert(agent) }
      state.classes[agent] = name
    }
  }

  func classes(in namespace: String) -> [String] {
    state.withLock { ($0.agents[namespace] ?? [:]).keys.sorted() }
  }

  /// One agent that sees to what the classes give the namespace; the same one while it is there.
  func agent(in namespace: String) -> ObjectKey? {
    state.withLock { state in
      (state.agents[namespace] ?? [:]).values.compactMap { $0.min() }.min()
    }
  }
}
