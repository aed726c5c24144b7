public import ControllerRuntime
import JSON
public import KubernetesAPI
public import KubernetesClient
public import Logging
import ManifestRendering
import Synchronization

/// The operator: follows AgentDeployments and everything made from them, and keeps it right.
///
/// `run` returns when its task is cancelled. It never gives up: an API server that is away is waited
/// for, and kinds that are not installed are picked up when they appear.
public final class AgentOperator: Sendable {
  public struct Configuration: Sendable {
    /// Empty: all namespaces.
    public var namespaces: [String]
    /// AgentDeployments reconciled at the same time.
    public var concurrency: Int
    public var rendering: RenderingSettings
    /// This process, in events: the pod's name.
    public var instance: String

    public init(
      namespaces: [String] = [], concurrency: Int = 8,
      rendering: RenderingSettings = RenderingSettings(), instance: String = "agent-operator"
    ) {
      self.namespaces = namespaces
      self.concurrency = concurrency
      self.rendering = rendering
      self.instance = instance
    }
  }

  public let metrics: RuntimeMetrics
  private let client: KubernetesClient
  private let configuration: Configuration
  private let clock: any RuntimeClock
  private let logger: Logger
  private let cache: ClusterCache
  private let references = ReferenceIndex()
  private let configMaps: ConfigMapCache
  private let events: EventRecorder
  private let availability: Availability
  private let controller: Controller
  private let optionalKinds = FollowedKinds()
  private let hasStarted = Mutex(false)

  public init(
    client: KubernetesClient, configuration: Configuration = Configuration(),
    clock: any RuntimeClock = SystemClock(),
    metrics: RuntimeMetrics = RuntimeMetrics(controller: OperatorIdentity.controllerName),
    logger: Logger
  ) {
    self.client = client
    self.configuration = configuration
    self.clock = clock
    self.metrics = metrics
    self.logger = logger
    cache = ClusterCache(scopes: max(1, configuration.namespaces.count))
    configMaps = ConfigMapCache(client: client)
    events = EventRecorder(
      client: client, clock: clock, controller: OperatorIdentity.reportingController,
      instance: configuration.instance)
    availability = Availability(logger: logger)
    let reconciler = AgentReconciler(
      client: client, cache: cache, references: references, configMaps: configMaps,
      events: events, metrics: metrics, clock: clock, settings: configuration.rendering)
    controller = Controller(
      name: OperatorIdentity.controllerName, concurrency: configuration.concurrency, clock: clock,
      metrics: metrics, logger: logger
    ) { key, logger in try await reconciler.reconcile(key, logger) }
  }

  /// Caches are complete and workers run.
  public var isReady: Bool { hasStarted.withLock { $0 } && isSynced }

  /// An optional kind that cannot be read, because its version is not served or we may not, counts as
  /// not installed: it must not keep everything else from working (correctness rule 45).
  private var isSynced: Bool { cache.isSynced(without: availability.failing) }

  /// Nothing is being reconciled and nothing waits to be; what is due later does not count.
  public var isSettled: Bool { isReady && controller.queue.isSettled }

  /// Reconciles under way.
  var runningReconciles: Int { controller.queue.runningCount }
  /// Events that wait to be sent.
  var pendingEvents: Int { events.pendingCount }

  public func run() async {
    await withTaskGroup { group in
      addReflectors(to: &group)
      group.addTask { await self.events.run() }
      group.addTask { await self.startWorkers() }
      await group.waitForAll()
    }
    await optionalKinds.end()
  }

  /// No worker before every cache is complete: what is merely not loaded yet would look deleted
  /// (correctness rule 18).
  private func startWorkers() async {
    while !isSynced {
      guard (try? await clock.sleep(for: .milliseconds(20))) != nil else { return }
    }
    hasStarted.withLock { $0 = true }
    logger.info("caches are complete", metadata: ["agents": "\(cache.agents.count)"])
    await controller.run()
  }

  // MARK: Following

  private func addReflectors(to group: inout TaskGroup<Void>) {
    let definitions = reflector(
      cache.definitions, namespace: nil, metadataOnly: true
    ) { [weak self] change in self?.definitionChanged(change) }
    group.addTask { await definitions.run() }
    for namespace in scopes {
      let agents = reflector(cache.agents, namespace: namespace) { [weak self] change in
        self?.controller.enqueue(change.key, priority: change.isInitial ? .bulk : .live)
      }
      group.addTask { await agents.run() }
      for resource in ClusterCache.builtIn + ClusterCache.metadataOnly {
        guard let store = cache.children[resource] else { continue }
        let children = childReflector(store, namespace: namespace)
        group.addTask { await children.run() }
      }
    }
  }

  private var scopes: [String?] {
    configuration.namespaces.isEmpty ? [nil] : configuration.namespaces
  }

  private func childReflector(_ store: ObjectStore, namespace: String?) -> Reflector {
    let metadataOnly = ClusterCache.metadataOnly.contains(store.resource)
    return reflector(
      store, namespace: namespace, selectsOwn: !metadataOnly, metadataOnly: metadataOnly
    ) { [weak self] change in self?.childChanged(store.resource, change) }
  }

  private func reflector(
    _ store: ObjectStore, namespace: String?, selectsOwn: Bool = false, metadataOnly: Bool = false,
    onChange: @escaping @Sendable (ObjectStore.Change) -> Void
  ) -> Reflector {
    let resource = store.resource
    let selector = LabelSelector(matchLabels: ["app.kubernetes.io/managed-by": "agent-operator"])
    return Reflector(
      client: client, store: store,
      options: Reflector.Options(
        namespace: namespace, labelSelector: selectsOwn ? selector : nil,
        metadataOnly: metadataOnly,
        onAvailability: { [weak self, availability] error in
          availability.report(resource, error)
          // Agents that skipped the kind are looked at again once its cache is complete.
          if error == nil, ClusterCache.optional.contains(resource) { self?.enqueueAll() }
        },
        onNotServed: { [availability] in
          availability.report(resource, Self.notServed(resource))
        }),
      clock: clock, metrics: metrics, logger: logger, onChange: onChange)
  }

  private static func notServed(_ resource: ResourceType) -> String {
    resource == .agentDeployments
      ? "\(resource) is not installed: agent-operator crd | kubectl apply --server-side -f -"
      : "\(resource) \(resource.version) is not served"
  }

  // MARK: Mapping changes to agents

  private func childChanged(_ resource: ResourceType, _ change: ObjectStore.Change) {
    let priority: WorkQueueStateMachine<ObjectKey>.Priority = change.isInitial ? .bulk : .live
    // Both the old and the new owner (correctness rule 19).
    var agents = Set([change.old, change.new].compactMap { $0.flatMap(Self.agent(of:)) })
    let kind: Reference.Kind? =
      switch resource {
      case .secrets: .secret
      case .configMaps: .configMap
      case .serviceAccounts: .serviceAccount
      default: nil
      }
    if let kind { agents.formUnion(references.agents(needing: kind, change.key)) }
    if resource == .configMaps, change.new == nil { configMaps.forget(change.key) }
    for agent in agents { controller.enqueue(agent, priority: priority) }
  }

  private static func agent(of object: KubernetesObject) -> ObjectKey? {
    if let owner = object.controllerReference, owner.groupKind == OperatorIdentity.ownerKind {
      return ObjectKey(namespace: object.namespace, name: owner.name)
    }
    guard object.metadata["labels"]?["app.kubernetes.io/managed-by"] == "agent-operator" else {
      return nil
    }
    return object.metadata["labels"]?["agentdeploy.dev/agent"]?.string.map {
      ObjectKey(namespace: object.namespace, name: $0)
    }
  }

  // MARK: Optional kinds

  private func definitionChanged(_ change: ObjectStore.Change) {
    guard
      let resource = ClusterCache.optional.first(where: { $0.description == change.key.name }),
      (change.old == nil) != (change.new == nil)
    else { return }
    if change.new != nil {
      logger.info("kind installed", metadata: ["resource": .string(resource.description)])
      follow(resource)
    } else {
      logger.info("kind removed", metadata: ["resource": .string(resource.description)])
      guard let store = cache.children[resource] else { return }
      store.reset()
      // Again when its reflectors have ended: an event that was on its way may have left something.
      optionalKinds.drop(resource) { store.reset() }
      enqueueAll()
    }
  }

  private func follow(_ resource: ResourceType) {
    guard let store = cache.children[resource] else { return }
    let reflectors = scopes.map { childReflector(store, namespace: $0) }
    optionalKinds.follow(resource) {
      await withTaskGroup { group in
        for reflector in reflectors { group.addTask { await reflector.run() } }
        await group.waitForAll()
      }
    }
  }

  private func enqueueAll() {
    for key in cache.agents.keys() { controller.enqueue(key, priority: .bulk) }
  }
}
