import AgentDeploymentAPI
import ControllerRuntime
import KubernetesAPI
import ManifestRendering
import Logging
import Synchronization

/// Classes that change, and what they give namespaces.
extension AgentOperator {
  /// Whether the operator follows what classes give namespaces: since the first class.
  var governs: Bool { isGoverning.withLock { $0 } }

  private func followGoverned() {
    guard classes.governs,
      isGoverning.withLock({ known in
        defer { known = true }
        return !known
      })
    else { return }
    for resource in ClusterCache.governed {
      guard let store = cache.store(of: resource) else { continue }
      let own = LabelSelector(matchLabels: ["app.kubernetes.io/managed-by": "agent-operator"])
      let loops = (resource.isNamespaced ? scopes : [nil]).map { scope in
        reflector(
          store, namespace: scope, selector: resource.isNamespaced ? own : nil,
          metadataOnly: !resource.isNamespaced
        ) { [weak self] change in self?.governedChanged(change) }
      }
      optionalKinds.follow(resource) {
        await withTaskGroup { group in
          for loop in loops { group.addTask { await loop() } }
          await group.waitForAll()
        }
      }
    }
  }

  private func governedChanged(_ change: ObjectStore.Change) {
    guard let agent = uses.agent(in: change.key.namespace ?? change.key.name) else { return }
    controller.enqueue(agent, priority: change.isInitial ? .bulk : .live)
  }

  /// Namespaces that have something of a class: their last agent may have gone while no operator ran.
  /// They are looked at by a key without a name, as if an agent had just gone. An operator of some
  /// agents only does not know who else is there.
  func enqueueGoverned() {
    guard governs, configuration.selector.isEmpty else { return }
    var namespaces: Set<String> = []
    for store in [cache.quotas, cache.limitRanges] {
      namespaces.formUnion(store.keys().compactMap(\.namespace))
    }
    for key in cache.namespaces.keys()
    where cache.namespaces.get(key)?.annotations[NamespaceGovernance.podSecurityAnnotation] != nil {
      namespaces.insert(key.name)
    }
    for namespace in namespaces where uses.agent(in: namespace) == nil {
      controller.enqueue(ObjectKey(namespace: namespace, name: ""), priority: .bulk)
    }
  }

  /// Agents that name no class too: which one is the default may have changed.
  func classChanged(_ change: ObjectStore.Change) {
    classes.invalidate()
    followGoverned()
    let defaults = classes.catalog.defaultNames
    if defaults.count > 1 {
      logger.warning(
        "several AgentClasses are marked as default; the oldest holds",
        metadata: ["classes": .string(defaults.joined(separator: ", "))])
    }
    for key in cache.agents.keys() {
      let name = cache.agents.get(key).flatMap { AgentDeployment.className(in: $0.json) }
      guard name == nil || name == change.key.name else { continue }
      controller.enqueue(key, priority: .bulk)
      // A class may fill in paths and gateways, and so decide who gets a host.
      for rival in hosts.rivals(of: key) { controller.enqueue(rival, priority: .bulk) }
    }
  }
}
