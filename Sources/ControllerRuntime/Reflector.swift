public import KubernetesAPI
public import KubernetesClient
public import Logging

/// Keeps an `ObjectStore` equal to what the API server has: the machine's actions, run.
public struct Reflector: Sendable {
  public struct Options: Sendable {
    /// Nil: all namespaces.
    public var namespace: String?
    public var labelSelector: LabelSelector?
    public var fieldSelector: String?
    /// Ask for PartialObjectMetadata: for kinds whose content is not read here, Secrets above all.
    public var metadataOnly: Bool
    /// Called when the server starts or stops answering, with its error or nil; once per change.
    public var onAvailability: @Sendable (String?) -> Void
    /// Called when the resource turns out not to be served (any more); the reflector goes on asking.
    public var onNotServed: @Sendable () -> Void

    public init(
      namespace: String? = nil, labelSelector: LabelSelector? = nil, fieldSelector: String? = nil,
      metadataOnly: Bool = false, onAvailability: @escaping @Sendable (String?) -> Void = { _ in },
      onNotServed: @escaping @Sendable () -> Void = {}
    ) {
      self.namespace = namespace
      self.labelSelector = labelSelector
      self.fieldSelector = fieldSelector
      self.metadataOnly = metadataOnly
      self.onAvailability = onAvailability
      self.onNotServed = onNotServed
    }
  }

  private let client: KubernetesClient
  private let store: ObjectStore
  private let options: Options
  private let clock: any RuntimeClock
  private let metrics: RuntimeMetrics?
  private let logger: Logger
  private let onChange: @Sendable (ObjectStore.Change) -> Void

  public init(
    client: KubernetesClient, store: ObjectStore, options: Options = Options(),
    clock: any RuntimeClock, metrics: RuntimeMetrics? = nil, logger: Logger,
    onChange: @escaping @Sendable (ObjectStore.Change) -> Void
  ) {
    self.client = client
    self.store = store
    self.options = options
    self.clock = clock
    self.metrics = metrics
    self.logger = logger
    self.onChange = onChange
  }

  /// Runs until the task is cancelled.
  public func run() async {
    var machine = ReflectorStateMachine()
    var action = machine.start()
    while !Task.isCancelled {
      switch action {
      case .list:
        action = await list(&machine)
      case .watch(let resourceVersion):
        action = await watch(from: resourceVersion, &machine)
      case .wait(let failures, let retryAfter):
        let pause = max(
          Backoff.reflector.delay(failures: failures, jitter: .random(in: 0...1)),
          retryAfter ?? .zero)
        guard (try? await clock.sleep(for: pause)) != nil else { return }
        action = machine.waited()
      }
    }
  }

  private func list(_ machine: inout ReflectorStateMachine) async -> ReflectorStateMachine.Action {
    do {
      let list = try await client.list(
        store.resource, namespace: options.namespace,
        options: ListOptions(
          labelSelector: options.labelSelector, fieldSelector: options.fieldSelector,
          representation: representation))
      if Task.isCancelled { return .list }
      metrics?.relisted(store.resource)
      let namespace = options.namespace
      let changes = store.replace(with: list.items, version: list.resourceVersion) { key in
        namespace == nil || key.namespace == namespace
      }
      options.onAvailability(nil)
      for change in changes { onChange(change) }
      return machine.listed(resourceVersion: list.resourceVersion)
    } catch {
      return machine.listFailed(classify(error, doing: "list"))
    }
  }

  private func watch(
    from resourceVersion: String, _ machine: inout ReflectorStateMachine
  ) async -> ReflectorStateMachine.Action {
    let started = clock.now
    var received = 0
    do {
      metrics?.watchStarted(store.resource)
      let events = try await client.watch(
        store.resource, namespace: options.namespace,
        options: WatchOptions(
          labelSelector: options.labelSelector, fieldSelector: options.fieldSelector,
          resourceVersion: resourceVersion, representation: representation))
      for try await event in events {
        received += 1
        switch event {
        case .error(let status): throw status
        case .bookmark(let object):
          machine.received(resourceVersion: object.resourceVersion)
        case .added(let object), .modified(let object), .deleted(let object):
          machine.received(resourceVersion: object.resourceVersion)
          options.onAvailability(nil)
          if let change = store.apply(event) { onChange(change) }
        }
      }
      if Task.isCancelled { return .list }
      let lasted = clock.now - started
      return machine.watchEnded(wasShort: received == 0 && lasted < .seconds(1))
    } catch {
      if Task.isCancelled { return .list }
      return machine.watchFailed(classify(error, doing: "watch"))
    }
  }

  private func classify(
    _ error: any Error, doing verb: String
  ) -> ReflectorStateMachine.Failure {
    if error is CancellationError || Task.isCancelled { return .other(retryAfter: nil) }
    if let status = error as? APIStatus {
      if status.isExpired || status.isTooLargeResourceVersion {
        logger.debug("position expired, listing again", metadata: metadata(status.message))
        return .expired
      }
      if status.code == 404 || status.code == 405 {
        options.onNotServed()
        return .notServed
      }
      report("\(verb) failed: \(status)")
      // Without permission, asking often does not help (correctness rule 46).
      let floor: Duration? = status.isForbidden ? .seconds(30) : nil
      let retryAfter = status.retryAfterSeconds.map { Duration.seconds($0) }
      return .other(retryAfter: retryAfter ?? floor)
    }
    if let transport = error as? TransportError, transport.code == .inactive {
      logger.debug("watch went silent, watching again", metadata: metadata(transport.message))
      return .other(retryAfter: nil)
    }
    report("\(verb) failed: \(error)")
    return .other(retryAfter: nil)
  }

  private var representation: Representation { options.metadataOnly ? .metadata : .object }

  private func report(_ message: String) { options.onAvailability(message) }

  private func metadata(_ reason: String) -> Logger.Metadata {
    ["resource": .string(store.resource.description), "reason": .string(reason)]
  }
}
