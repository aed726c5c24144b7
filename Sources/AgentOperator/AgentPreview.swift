package import AgentDeploymentAPI
import ControllerRuntime
import JSON
package import KubernetesAPI
package import KubernetesClient
package import ManifestRendering

/// What the operator would do for one AgentDeployment, found out with its own code and without
/// writing anything.
package struct AgentPreview: Sendable {
  package var agent: AgentDeployment
  package var rendering: Rendering
  package var plan: Plan
  package var observed: ObservedState
  /// What the spec names and nobody has made.
  package var missing: [Reference]
  /// Why a newer pod template waits: `ClassChanged` or `OperatorChanged`.
  package var pending: String?
  /// Hosts that the spec names and another agent of the namespace has.
  package var lostHosts: [LostHost]
  /// Nil without quotas in the namespace.
  package var quota: QuotaHeadroom?
  /// Nobody let us read the quotas.
  package var isQuotaHidden: Bool
}

/// Something may not be read without which a preview would be wrong.
package struct MissingRight: Error, CustomStringConvertible {
  package var status: APIStatus
  package var fix: String

  package var description: String { "\(status) (\(fix))" }
}

/// Reads from a cluster what previews of the agents of one namespace need.
package struct AgentPreviewer: Sendable {
  private let reconciler: AgentReconciler
  private let cache: ClusterCache
  private let quotas: [KubernetesObject]?

  /// - Throws: `APIStatus`, `MissingRight` and transport errors: without a part of the cluster a
  ///   preview would be wrong. Kinds that are not installed are none.
  package init(client: KubernetesClient, namespace: String) async throws {
    let cache = ClusterCache(scopes: 1)
    let clock = SystemClock()
    try await Self.fillDefinitions(cache.definitions, client)
    do {
      try await Self.fill(cache.classes, client, nil)
    } catch let status as APIStatus where status.isForbidden {
      throw MissingRight(
        status: status,
        fix: "AgentClasses belong to the cluster: have somebody bind you the ClusterRole "
          + "agents-class-viewer of manifests/install.yaml by a ClusterRoleBinding")
    }
    try await Self.fill(cache.agents, client, namespace)
    for resource in ClusterCache.everything {
      guard let store = cache.children[resource] else { continue }
      try await Self.fill(
        store, client, namespace,
        ClusterCache.metadataOnly.contains(resource) ? .metadata : .object)
    }
    self.cache = cache
    quotas = try await Self.quotas(client, namespace)
    reconciler = AgentReconciler(
      client: client, cache: cache, classes: ClassDirectory(cache), uses: ClassUse(),
      references: ReferenceIndex(),
      configMaps: ConfigMapCache(client: client), secretTimes: SecretTimes(client: client),
      secretMetrics: SecretAgeMetrics(RuntimeMetrics(controller: "preview")),
      regions: RegionDirectory(client: client, clock: clock),
      ownWrites: OwnWrites(),
      hosts: HostClaims(cache.agents),
      events: EventRecorder(
        client: client, clock: clock, controller: OperatorIdentity.reportingController,
        instance: "preview"),
      metrics: RuntimeMetrics(controller: "preview"), clock: clock, settings: RenderingSettings())
  }

  /// - Returns: nil when they may not be read: nothing else depends on them.
  private static func quotas(
    _ client: KubernetesClient, _ namespace: String
  ) async throws -> [KubernetesObject]? {
    do {
      return try await client.list(.resourceQuotas, namespace: namespace).items
    } catch let status as APIStatus where status.isForbidden {
      return nil
    }
  }

  /// Few people may list definitions. What is installed discovery tells everybody, too.
  private static func fillDefinitions(
    _ store: ObjectStore, _ client: KubernetesClient
  ) async throws {
    do {
      try await fill(store, client, nil, .metadata)
    } catch let status as APIStatus where status.isForbidden {
      let served = try await client.discover()
      guard ClusterCache.mayBeMissing.allSatisfy({ served.isConclusive(for: $0.group) }) else {
        throw status
      }
      let names = Set(served.resources.map(\.type.description)).sorted()
      let definitions = names.map {
        KubernetesObject(store.resource.gvk, namespace: nil, name: $0)
      }
      _ = store.replace(with: definitions, version: "0")
    }
  }

  private static func fill(
    _ store: ObjectStore, _ client: KubernetesClient, _ namespace: String?,
    _ representation: Representation = .object
  ) async throws {
    do {
      let list = try await client.list(
        store.resource, namespace: namespace, options: ListOptions(representation: representation))
      _ = store.replace(with: list.items, version: list.resourceVersion)
    } catch let status as APIStatus where status.isUnknownResource {
      return
    }
  }

  /// Whether the cluster knows AgentDeployments.
  package var isInstalled: Bool { cache.agents.isSynced }

  /// The agents of the namespace as the cluster has them.
  package var agents: [KubernetesObject] { cache.agents.all().sorted { $0.key < $1.key } }

  package func live(_ name: String) -> KubernetesObject? { agents.first { $0.name == name } }

  /// - Parameter desired: as in a file, or as in the cluster.
  package func preview(
    _ desired: KubernetesObject
  ) async throws -> Result<AgentPreview, FieldErrors> {
    var object = desired
    // A file knows nothing of the object that it is about to change.
    if let live = live(desired.name), object.uid == nil {
      for key in ["uid", "creationTimestamp"] { object["metadata"]?[key] = live.metadata[key] }
    }
    switch reconciler.decode(object) {
    case .failure(let errors): return .failure(errors)
    case .success(let (agent, agentClass)):
      let prepared = try await reconciler.prepare(agent, agentClass)
      return .success(
        AgentPreview(
          agent: prepared.agent, rendering: prepared.rendering, plan: prepared.plan,
          observed: prepared.observed, missing: prepared.missing,
          pending: prepared.pending?.cause.rawValue, lostHosts: prepared.lostHosts,
          quota: QuotaHeadroom(
            prepared.rendering, live: prepared.observed[.deployments, object.key],
            quotas: quotas ?? []), isQuotaHidden: quotas == nil))
    }
  }
}
