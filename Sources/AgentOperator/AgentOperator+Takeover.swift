import ControllerRuntime
import KubernetesAPI
import KubernetesClient
import Logging

/// What a new leader finds out before it writes anything.
///
/// The leader before may have acted on what our watches have not told yet, because they are slow or
/// were cut: we would put older specs and older secrets' hashes back, and restart pods twice for
/// nothing. So the API server is asked once what there is of everything that pods are shaped by, by
/// metadata, and what our caches lack is read.
extension AgentOperator {
  /// Returns when the caches hold nothing of this kind that is older than the moment of the call, or
  /// when the task is cancelled. Repeats what fails.
  func catchUp() async {
    var pause = Duration.milliseconds(100)
    while !Task.isCancelled {
      do {
        var count = 0
        for scope in scopes {
          count += try await catchUpAgents(scope)
          for resource in ClusterCache.metadataOnly { count += try await catchUp(resource, scope) }
        }
        if count > 0 {
          logger.info("read what the leader before knew", metadata: ["objects": "\(count)"])
        }
        return
      } catch {
        logger.warning(
          "what the leader before knew is not known yet", metadata: ["error": "\(error)"])
      }
      guard (try? await clock.sleep(for: pause)) != nil else { return }
      pause = min(pause * 2, .seconds(5))
    }
  }

  /// - Returns: how many were not as the cache knew them.
  private func catchUpAgents(_ scope: String?) async throws -> Int {
    let (behind, gone) = try await differences(cache.agents, scope, configuration.selector) {
      // Their status changes all the time.
      $0.uid != $1.uid || $0.generation ?? 0 < $1.generation ?? 0
    }
    for item in behind {
      guard let agent = try await client.getIfPresent(.agentDeployments, item.key),
        configuration.selector.matches(agent.labels)
      else { continue }
      // Its event will tell nothing new when it comes.
      if let change = cache.agents.recordWrite(agent) { agentChanged(change) }
    }
    for (key, uid) in gone {
      // One that has only left the shard may come back as the same object: its watch tells.
      if !configuration.selector.isEmpty,
        let live = try await client.getIfPresent(
          .agentDeployments, key, representation: .metadata), live.uid.map(ObjectUID.init) == uid
      {
        continue
      }
      cache.recordDelete(ofAgent: key, uid: uid)
    }
    return behind.count + gone.count
  }

  private func catchUp(_ resource: ResourceType, _ scope: String?) async throws -> Int {
    guard let store = cache.children[resource] else { return 0 }
    let (behind, gone) = try await differences(store, scope, LabelSelector()) { _, _ in true }
    for object in behind {
      if let change = store.recordWrite(object) { childChanged(resource, change) }
    }
    for (key, uid) in gone {
      if let change = store.recordDelete(key, uid: uid) { childChanged(resource, change) }
    }
    return behind.count + gone.count
  }

  /// - Parameter isBehind: whether a cached object that has another version matters.
  /// - Returns: the metadata of what the server has otherwise than the cache, and what only the cache
  ///   has: which objects that are, since others may have got their names by now.
  private func differences(
    _ store: ObjectStore, _ scope: String?, _ selector: LabelSelector,
    isBehind: (_ known: KubernetesObject, _ listed: KubernetesObject) -> Bool
  ) async throws -> (behind: [KubernetesObject], gone: [(ObjectKey, ObjectUID)]) {
    // Before the list: what is not in it is gone.
    let known = store.uids().filter { scope == nil || $0.key.namespace == scope }
    var listed: Set<ObjectKey> = []
    var behind: [KubernetesObject] = []
    var options = ListOptions(limit: 500, representation: .metadata)
    if !selector.isEmpty { options.labelSelector = selector }
    _ = try await client.listPages(store.resource, namespace: scope, options: options) { page in
      if page.startsOver { (listed, behind) = ([], []) }
      for object in page.items {
        listed.insert(object.key)
        if store.resourceVersion(of: object.key) == object.resourceVersion { continue }
        let known = store.get(object.key)
        if known.map({ isBehind($0, object) }) ?? true { behind.append(object) }
      }
    }
    let gone = known.filter { !listed.contains($0.key) }.sorted { $0.key < $1.key }
    return (behind, gone.map { ($0.key, $0.value) })
  }
}
