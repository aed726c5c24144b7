import AgentDeploymentAPI
import JSON
import KubernetesAPI

/// The objects of a managed store: one Redis-compatible server with a volume and a password.
extension ManifestBuilder {
  static let passwordKey = StateServer.passwordKey
  private static let passwordLength = 32

  func stateStore() -> [RenderedObject] {
    guard case .managed(let store) = spec.state else { return [] }
    return [
      statePassword(), stateClaim(store), stateService(), stateSet(store),
      stateDisruptionBudget(), stateNetworkPolicy(),
    ].compactMap { $0 }.map { rendered in
      var rendered = rendered
      rendered.object["metadata"]?["labels"] = names.stateLabels
      return rendered
    }
  }

  private func stateObject(
    _ resource: ResourceType, _ wave: Wave, _ content: [(String, JSONValue)]
  ) -> RenderedObject {
    object(resource, name: names.state, wave: wave, content)
  }

  private func statePassword() -> RenderedObject {
    var rendered = stateObject(.secrets, .config, [("type", "Opaque")])
    rendered.generatedKeys = [Self.passwordKey: Self.passwordLength]
    rendered.isRetained = spec.deletionPolicy.state == .retain
    return rendered
  }

  /// An object of its own and not a template of the StatefulSet, which can never change: this one can
  /// grow, and goes or stays by the deletion policy.
  private func stateClaim(_ store: StateStore.Managed) -> RenderedObject? {
    guard store.persistence != .none else { return nil }
    var claim: JSONValue = [
      "accessModes": ["ReadWriteOnce"],
      "resources": ["requests": ["storage": .string(store.storage)]],
    ]
    if let name = store.storageClassName { claim["storageClassName"] = .string(name) }
    var rendered = stateObject(.persistentVolumeClaims, .config, [("spec", claim)])
    rendered.isRetained = spec.deletionPolicy.state == .retain
    return rendered
  }

  /// Headless: there is one pod, and a connection is kept for long.
  private func stateService() -> RenderedObject {
    stateObject(
      .services, .workload,
      [
        (
          "spec",
          [
            "type": "ClusterIP", "clusterIP": "None", "selector": names.stateSelector,
            "ports": [
              [
                "name": "redis", "port": JSONValue(StateConnection.port), "protocol": "TCP",
                "targetPort": "redis", "appProtocol": "tcp",
              ]
            ],
          ]
        )
      ])
  }

  /// The store's template as it is to be: the newest, unless it differs for reasons that are not the
  /// user's.
  private func stateTemplate(_ store: StateStore.Managed) -> (kept: Bool, AppliedRendering) {
    let newest = AppliedState.newest(of: agent, StatePod(builder: self, store: store).template())
    guard let applied = context.appliedState, applied.input == newest.input, applied != newest
    else { return (false, newest) }
    return (true, applied)
  }

  var holdsState: Bool {
    guard case .managed(let store) = spec.state else { return false }
    return stateTemplate(store).kept
  }

  private func stateSet(_ store: StateStore.Managed) -> RenderedObject {
    let applied = stateTemplate(store).1
    var rendered = stateObject(
      .statefulSets, .workload,
      [
        (
          "spec",
          [
            "replicas": 1, "serviceName": .string(names.state), "revisionHistoryLimit": 3,
            "selector": ["matchLabels": names.stateSelector],
            // Not in order: a pod that never becomes ready is replaced too
            // (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback).
            "podManagementPolicy": "Parallel",
            // The new pod comes after the old one has gone: the volume is for one at a time.
            "updateStrategy": ["type": "RollingUpdate"],
            "template": applied.template,
          ]
        )
      ])
    // Elsewhere nothing is running.
    if agent.object.uid != nil { rendered.record = applied }
    return rendered
  }

  /// `maxUnavailable: 1` of one pod lets every node's drain go on; it is here so that an override can
  /// say otherwise, and so that a broken pod can always be evicted.
  private func stateDisruptionBudget() -> RenderedObject {
    let budget: JSONValue = [
      "maxUnavailable": 1, "selector": ["matchLabels": names.stateSelector],
      "unhealthyPodEvictionPolicy": "AlwaysAllow",
    ]
    return stateObject(.podDisruptionBudgets, .scaling, [("spec", budget)])
  }

  /// In: the agent's own pods. Out: nothing, but what a sidecar needs to come up.
  private func stateNetworkPolicy() -> RenderedObject {
    let ports = [StateConnection.port] + (isMeshed ? [Self.hbonePort] : [])
    let egress = spec.traffic.provider == .istio ? dns + controlPlane : []
    let policy: JSONValue = [
      "podSelector": ["matchLabels": names.stateSelector],
      "policyTypes": ["Ingress", "Egress"],
      "ingress": [
        ["from": [["podSelector": ["matchLabels": names.selector]]], "ports": tcp(ports)]
      ],
      "egress": .array(egress),
    ]
    return stateObject(.networkPolicies, .policy, [("spec", policy)])
  }
}

extension ManifestBuilder {
  /// What an agent whose egress is restricted needs to reach its own store.
  var stateEgress: [JSONValue] {
    guard case .managed = spec.state else { return [] }
    let ports = [StateConnection.port] + (isMeshed ? [Self.hbonePort] : [])
    return [
      ["to": [["podSelector": ["matchLabels": names.stateSelector]]], "ports": tcp(ports)]
    ]
  }
}
