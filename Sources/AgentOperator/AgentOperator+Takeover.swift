import ControllerRuntime
import KubernetesAPI
import KubernetesClient
import Logging

/// What a new leader finds out before it writes anything.
///
/// The leader before may have acted on specs that our watch has not told yet, because it is slow or
/// was cut: we would put the older ones back, and restart pods twice for nothing. So the API server is
/// asked which generation each AgentDeployment has, and what our cache lacks is read.
extension AgentOperator {
  /// Returns when the cache holds no spec that is older than the moment of the call, or when the task
  /// is cancelled. Repeats what fails.
  func catchUp() async {
    var pause = Duration.milliseconds(100)
    while !Task.isCancelled {
      do {
        for scope in scopes { try await catchUp(scope) }
        return
      } catch {
        logger.warning(
          "what the leader before knew is not known yet", metadata: ["error": .string("\(error)")])
      }
      guard (try? await clock.sleep(for: pause)) != nil else { return }
      pause = min(pause * 2, .seconds(5))
    }
  }

  private func catchUp(_ scope: String?) async throws {
    // Before the list: what is not in it is gone.
    var gone = Set(cache.agents.keys().filter { scope == nil || $0.namespace == scope })
    var behind: [ObjectKey] = []
    var options = ListOptions(limit: 500)
    options.representation = .metadata
    if !configuration.selector.isEmpty { options.labelSelector = configuration.selector }
    _ = try await client.listPages(.agentDeployments, namespace: scope, options: options) { page in
      for agent in page.items {
        gone.remove(agent.key)
        let known = cache.agents.get(agent.key)
        if known?.uid != agent.uid || known?.generation ?? 0 < agent.generation ?? 0 {
          behind.append(agent.key)
        }
      }
    }
    for key in behind + gone.sorted() { try await read(key) }
    let count = behind.count + gone.count
    guard count > 0 else { return }
    logger.info(
      "read what the leader before knew", metadata: ["agents": .stringConvertible(count)])
  }

  private func read(_ key: ObjectKey) async throws {
    if let agent = try await client.getIfPresent(.agentDeployments, key),
      configuration.selector.matches(agent.labels)
    {
      // Its event will tell nothing new when it comes.
      if let change = cache.agents.recordWrite(agent) { agentChanged(change) }
    } else if let known = cache.agents.get(key) {
      cache.recordDelete(ofAgent: known)
    }
  }
}
