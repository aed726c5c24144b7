import AgentDeploymentAPI
public import ControllerRuntime
import JSON
import KubernetesAPI
public import KubernetesClient
public import Logging
import ManifestRendering
import Synchronization

/// The operator: follows AgentDeployments and everything made from them, and keeps it right.
///
/// It never gives up: an API server that is away is waited for, and kinds that are not installed are
/// picked up when they appear. With leader election it follows everything from the start, and writes
/// only while it holds the lease.
public final class AgentOperator: Sendable {
  public let metrics: RuntimeMetrics
  /// Another process leads: this one has to exit, with whatever it still does (correctness rule 43).
  public var hasLostLease: Bool { lostLease.withLock { $0 } }
  let client: KubernetesClient
  let configuration: Configuration
  let clock: any RuntimeClock
  private let jitter: @Sendable () -> Double
  let logger: Logger
  /// Nil without leader election.
  private let fence: WriteFence?
  let heartbeats: Heartbeats
  let cache: ClusterCache
  let classes: ClassDirectory
  let uses = ClassUse()
  private let references = ReferenceIndex()
  private let ownWrites = OwnWrites()
  let hosts: HostClaims
  private let configMaps: ConfigMapCache
  private let secretTimes: SecretTimes
  private let events: EventRecorder
  let availability: Availability
  let controller: Controller
  let optionalKinds = FollowedKinds()
  let isGoverning = Mutex(false)
  private let hasStarted = Mutex(false)
  let isStopping = Mutex(false)
  private let lostLease = Mutex(false)
  /// Sends events.
  private let sending = Mutex<Task<Void, Never>?>(nil)

  /// For reconciles that are under way at shutdown.
  private static let gracePeriod: Duration = .seconds(20)
  /// For events that wait to be sent then.
  private static let flushTime: Duration = .seconds(3)
  /// Longer than a watch may be silent, or one page of a list be tried for.
  private static let longestSilence: Duration = .seconds(900)

  /// - Parameter jitter: a random number from 0 to 1 for each pause.
  public init(
    client: KubernetesClient, configuration: Configuration = Configuration(),
    clock: any RuntimeClock = SystemClock(),
    metrics: RuntimeMetrics = RuntimeMetrics(controller: OperatorIdentity.controllerName),
    jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
    logger: Logger
  ) {
    let client = client.omittingManagedFields()
    self.client = client
    self.configuration = configuration
    self.clock = clock
    self.jitter = jitter
    self.metrics = metrics
    self.logger = logger
    heartbeats = Heartbeats(clock: clock)
    let fence = configuration.leaderElection.map { _ in WriteFence(clock: clock) }
    self.fence = fence
    let writer = fence.map { fence in client.guardingWrites { try fence.check() } } ?? client
    cache = ClusterCache(
      scopes: max(1, configuration.namespaces.count), selector: configuration.selector)
    classes = ClassDirectory(cache)
    hosts = HostClaims(cache.agents)
    configMaps = ConfigMapCache(client: client)
    events = EventRecorder(
      client: writer, clock: clock, controller: OperatorIdentity.reportingController,
      instance: configuration.instance)
    availability = Availability(logger: logger)
    secretTimes = SecretTimes(client: client)
    let reconciler = AgentReconciler(
      client: writer, cache: cache, classes: classes, uses: uses, references: references,
      configMaps: configMaps, secretTimes: secretTimes, secretMetrics: SecretAgeMetrics(metrics),
      regions: RegionDirectory(client: client, clock: clock),
      ownWrites: ownWrites, hosts: hosts,
      events: events, metrics: metrics, clock: clock, settings: configuration.rendering)
    controller = Controller(
      name: OperatorIdentity.controllerName, concurrency: configuration.concurrency,
      gracePeriod: Self.gracePeriod, clock: clock, metrics: metrics, logger: logger,
      jitter: jitter
    ) { key, logger in try await reconciler.reconcile(key, logger) }
    ownWrites.notify { [weak controller] agent in controller?.enqueue(agent) }
    hosts.notify { [weak controller] agent in controller?.enqueue(agent) }
    cache.notify { [weak self] change in self?.agentChanged(change) }
  }

  /// Caches are complete. It says nothing about who leads: a standby is ready too, or a rollout of
  /// two would wait for ever.
  public var isReady: Bool { hasStarted.withLock { $0 } && isSynced }

  /// An optional kind that cannot be read, because its version is not served or we may not, counts as
  /// not installed: it must not keep everything else from working (correctness rule 45). Classes are
  /// waited for: without their guard rails agents would get what these forbid.
  private var isSynced: Bool { cache.isSynced(without: availability.failing) }

  /// Nothing is being reconciled and nothing waits to be; what is due later does not count.
  public var isSettled: Bool { isReady && controller.queue.isSettled }

  /// It may write: without leader election always.
  var isLeading: Bool { fence?.isOpen ?? true }
  /// Reconciles under way.
  var runningReconciles: Int { controller.queue.runningCount }
  /// Events that wait to be sent.
  var pendingEvents: Int { events.pendingCount }

  // MARK: Running

  /// Runs until the task is cancelled, or the lease is lost: see `hasLostLease`.
  ///
  /// At shutdown, in this order (correctness rule 44): no new reconcile starts; those under way end,
  /// or are cut off after the grace period; watches end; events that wait are sent; the lease is
  /// released. All of it within 28 s.
  public func run() async {
    await withTaskCancellationHandler {
      // Not a child of this task: watches go on until the last reconcile has ended.
      let following = Task(executorPreference: preferredTaskExecutor) {
        await self.followEverything()
      }
      await work(following)
      await end(following)
    } onCancel: {
      isStopping.withLock { $0 = true }
    }
  }

  private func work(_ following: Task<Void, Never>) async {
    // No worker before every cache is complete: what is merely not loaded yet would look deleted
    // (correctness rule 18). No candidate either: a leader that only loads keeps others from working.
    while !isSynced {
      guard (try? await clock.sleep(for: .milliseconds(20))) != nil else { return }
    }
    hasStarted.withLock { $0 = true }
    logger.info("caches are complete", metadata: ["agents": "\(cache.agents.count)"])
    configuration.onReady()
    guard let election = configuration.leaderElection else { return await lead(following) }
    let heartbeat = heartbeats.start(
      "leader election", bound: election.configuration.leaseDuration + .seconds(20))
    defer { heartbeats.end(heartbeat) }
    let elector = LeaderElector(
      client: election.client ?? client, lease: election.lease, identity: election.identity,
      configuration: election.configuration, clock: clock, metrics: metrics, fence: fence,
      heartbeat: heartbeat, logger: logger, jitter: jitter)
    let outcome = await elector.run {
      self.controller.cancelReconciles()
      self.sending.withLock { $0?.cancel() }
    } _: {
      await self.catchUp()
      await self.lead(following)
    }
    if outcome == .lost { lostLease.withLock { $0 = true } }
  }

  /// Everything that writes.
  private func lead(_ following: Task<Void, Never>) async {
    let sending = Task(executorPreference: preferredTaskExecutor) { await self.events.run() }
    self.sending.withLock { $0 = sending }
    await controller.run()
    await end(following)
    events.finish()
    // In a task of its own: this one is cancelled, and could not wait.
    let limit = Task { [clock] in
      if (try? await clock.sleep(for: Self.flushTime)) != nil { sending.cancel() }
    }
    await sending.value
    limit.cancel()
  }

  private func end(_ following: Task<Void, Never>) async {
    following.cancel()
    await following.value
  }

  // MARK: Following

  private func followEverything() async {
    var loops = [
      reflector(cache.definitions, namespace: nil, metadataOnly: true) { [weak self] change in
        self?.definitionChanged(change)
      }
    ]
    for namespace in scopes {
      loops.append(
        reflector(
          cache.agents, namespace: namespace,
          selector: configuration.selector.isEmpty ? nil : configuration.selector
        ) { [weak self] change in
          self?.agentChanged(change)
        })
      for resource in ClusterCache.builtIn + ClusterCache.occasional + ClusterCache.metadataOnly {
        guard let store = cache.children[resource] else { continue }
        loops.append(childReflector(store, namespace: namespace))
      }
    }
    await withTaskGroup { group in
      for loop in loops { group.addTask { await loop() } }
      group.addTask { await self.findGoverned() }
      await group.waitForAll()
    }
    await optionalKinds.end()
  }

  var scopes: [String?] {
    configuration.namespaces.isEmpty ? [nil] : configuration.namespaces
  }

  private func childReflector(_ store: ObjectStore, namespace: String?) -> Loop {
    let metadataOnly = ClusterCache.metadataOnly.contains(store.resource)
    let own = LabelSelector(matchLabels: ["app.kubernetes.io/managed-by": "agent-operator"])
    // Reconciles start when all first lists are in, and then with every agent; so does a kind that
    // is installed later.
    return reflector(
      store, namespace: namespace, selector: metadataOnly ? nil : own, metadataOnly: metadataOnly,
      reportsFirstList: false
    ) { [weak self] change in self?.childChanged(store.resource, change) }
  }

  typealias Loop = @Sendable () async -> Void

  func reflector(
    _ store: ObjectStore, namespace: String?, selector: LabelSelector? = nil,
    metadataOnly: Bool = false, reportsFirstList: Bool = true,
    onChange: @escaping @Sendable (ObjectStore.Change) -> Void
  ) -> Loop {
    let resource = store.resource
    let place = namespace.map { " in \($0)" } ?? ""
    let heartbeat = heartbeats.start(
      "reflector \(resource)\(place)", bound: Self.longestSilence)
    let reflector = Reflector(
      client: client, store: store,
      options: Reflector.Options(
        namespace: namespace, labelSelector: selector, metadataOnly: metadataOnly,
        streamsLists: true, reportsFirstList: reportsFirstList, heartbeat: heartbeat,
        onAvailability: { [weak self, availability, cache] error in
          availability.report(resource, in: namespace, error)
          if error == nil { cache.isServed(resource, in: namespace, true) }
          // Agents that skipped the kind are looked at again once its cache is complete.
          if error == nil,
            (ClusterCache.mayBeMissing + ClusterCache.governed).contains(resource)
          {
            self?.enqueueAll()
            self?.enqueueGoverned()
          }
        },
        onNotServed: { [weak self, availability, cache] in
          availability.report(resource, in: namespace, Self.notServed(resource))
          cache.isServed(resource, in: namespace, false)
          if ClusterCache.optional.contains(resource) { self?.enqueueAll() }
        }),
      clock: clock, metrics: metrics, logger: logger, jitter: jitter, onChange: onChange)
    return { [heartbeats] in
      await reflector.run()
      heartbeats.end(heartbeat)
    }
  }

  private static func notServed(_ resource: ResourceType) -> String {
    resource == .agentDeployments
      ? "\(resource) is not installed: agent-operator crd | kubectl apply --server-side -f -"
      : "\(resource) \(resource.version) is not served"
  }

  // MARK: Mapping changes to agents

  func agentChanged(_ change: ObjectStore.Change) {
    // A new one is nobody's write of a status, whatever is under way for the one before.
    if !change.isNew, ownWrites.explains(.agentDeployments, change, to: change.key) { return }
    let priority: WorkQueueStateMachine<ObjectKey>.Priority = change.isInitial ? .bulk : .live
    controller.enqueue(change.key, priority: priority)
    guard change.isNew || change.isGone else { return }
    for agent in references.agents(needing: .agent, change.key) {
      controller.enqueue(agent, priority: priority)
    }
  }

  func childChanged(_ resource: ResourceType, _ change: ObjectStore.Change) {
    let priority: WorkQueueStateMachine<ObjectKey>.Priority = change.isInitial ? .bulk : .live
    // Both the old and the new owner (correctness rule 19).
    var agents = agents(of: resource, change)
    let kind: Reference.Kind? =
      switch resource {
      case .secrets: .secret
      case .configMaps: .configMap
      case .serviceAccounts: .serviceAccount
      default: nil
      }
    if let kind { agents.formUnion(references.agents(needing: kind, change.key)) }
    if resource == .configMaps, change.isGone { configMaps.forget(change.key) }
    if resource == .secrets, change.isGone { secretTimes.forget(change.key) }
    // Others' agents have children too: those of other shards.
    for agent in agents where cache.agents.contains(agent) {
      if ownWrites.explains(resource, change, to: agent) { continue }
      controller.enqueue(agent, priority: priority)
    }
  }

  private func agents(of resource: ResourceType, _ change: ObjectStore.Change) -> Set<ObjectKey> {
    // What a reconcile has just made, mostly: the object itself need not be read to know it.
    if change.isNew, let agent = ownWrites.agent(writing: resource, change.key),
      agent.namespace == change.key.namespace, cache.agents.isOwner(agent, of: change)
    {
      return [agent]
    }
    return Set([change.old, change.new].compactMap { $0.flatMap(Self.agent(of:)) })
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
    guard change.isNew != change.isGone else { return }
    if ClassDirectory.definitions.contains(change.key.name) {
      classes.invalidate()
      enqueueAll()
    }
    guard
      let resource = ClusterCache.mayBeMissing.first(where: { $0.description == change.key.name })
    else { return }
    if !change.isGone {
      logger.info("kind installed", metadata: ["resource": .string(resource.description)])
      follow(resource)
    } else {
      logger.info("kind removed", metadata: ["resource": .string(resource.description)])
      guard let store = cache.store(of: resource) else { return }
      store.reset()
      classes.invalidate()
      // Nobody asks for it any more.
      for scope in resource.isNamespaced ? scopes : [nil] {
        availability.report(resource, in: scope, nil)
        cache.isServed(resource, in: scope, true)
      }
      // Again when its reflectors have ended: an event that was on its way may have left something.
      optionalKinds.drop(resource) { [classes] in
        store.reset()
        classes.invalidate()
      }
      enqueueAll()
    }
  }

  private func follow(_ resource: ResourceType) {
    guard let store = cache.store(of: resource) else { return }
    let loops =
      resource.isNamespaced
      ? scopes.map { childReflector(store, namespace: $0) }
      : [reflector(store, namespace: nil) { [weak self] in self?.classChanged($0) }]
    optionalKinds.follow(resource) {
      await withTaskGroup { group in
        for loop in loops { group.addTask { await loop() } }
        await group.waitForAll()
      }
    }
  }

  func enqueueAll() {
    for key in cache.agents.keys() { controller.enqueue(key, priority: .bulk) }
  }
}
