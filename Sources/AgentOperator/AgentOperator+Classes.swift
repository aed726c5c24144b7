import AgentDeploymentAPI
import ControllerRuntime
import KubernetesAPI
import KubernetesClient
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

  /// A class may have gone while no operator ran, and no class is left to make anybody look at what it
  /// gave: its own objects went with it, but not the Pod Security label of namespaces. One list of the
  /// few that have such a label tells, at the start; repeated until it does. Not for an operator of some
  /// namespaces or agents only: without a class it asks for nothing outside of them.
  func findGoverned() async {
    guard configuration.selector.isEmpty, configuration.namespaces.isEmpty else { return }
    let labelled = LabelSelector([.init(key: NamespaceGovernance.enforceLabel, operator: .exists)])
    var pause = Duration.milliseconds(100)
    while !Task.isCancelled {
      if cache.definitions.isSynced, cache.knowsClasses, !classes.governs {
        do {
          let namespaces = try await client.list(
            .namespaces,
            options: ListOptions(labelSelector: labelled, representation: .metadata))
          guard
            namespaces.items.contains(where: {
              $0.annotations[NamespaceGovernance.podSecurityAnnotation] != nil
            })
          else { return }
          classes.govern()
          return followGoverned()
        } catch let status as APIStatus where status.isForbidden {
          // Who may not read namespaces has labelled none.
          return
        } catch {
          logger.debug(
            "cannot look for labelled namespaces yet", metadata: ["error": "\(error)"])
        }
      } else if classes.governs {
        return
      }
      guard (try? await clock.sleep(for: pause)) != nil else { return }
      pause = min(pause * 2, .seconds(30))
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
