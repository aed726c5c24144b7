import JSON
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
    /// Get the first state, and each one after an expired position, as a stream of single objects
    /// (KEP-3157) instead of pages. Servers that cannot do that are listed.
    public var streamsLists: Bool
    /// Whether `onChange` hears of the first list of an empty store. Without it, thousands of objects
    /// are not unpacked for those who look at all of them anyway once the store is complete.
    public var reportsFirstList: Bool
    /// Beats whenever something was asked or has come.
    public var heartbeat: Heartbeat?
    /// Called when the server starts or stops answering, with its error or nil; once per change.
    /// The errors are for people and hold no secrets.
    public var onAvailability: @Sendable (String?) -> Void
    /// Called when the resource turns out not to be served (any more); the reflector goes on asking,
    /// and the store keeps what it has: not served is not the same as empty (correctness rule 45).
    public var onNotServed: @Sendable () -> Void

    public init(
      namespace: String? = nil, labelSelector: LabelSelector? = nil, fieldSelector: String? = nil,
      metadataOnly: Bool = false, streamsLists: Bool = false, reportsFirstList: Bool = true,
      heartbeat: Heartbeat? = nil,
      onAvailability: @escaping @Sendable (String?) -> Void = { _ in },
      onNotServed: @escaping @Sendable () -> Void = {}
    ) {
      self.namespace = namespace
      self.labelSelector = labelSelector
      self.fieldSelector = fieldSelector
      self.metadataOnly = metadataOnly
      self.streamsLists = streamsLists
      self.reportsFirstList = reportsFirstList
      self.heartbeat = heartbeat
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
  private let jitter: @Sendable () -> Double
  private let onChange: @Sendable (ObjectStore.Change) -> Void

  /// - Parameters:
  ///   - jitter: a random number from 0 to 1 for each pause.
  ///   - onChange: called on the reflector's task, in the order of the changes, after the store has
  ///     them.
  public init(
    client: KubernetesClient, store: ObjectStore, options: Options = Options(),
    clock: any RuntimeClock, metrics: RuntimeMetrics? = nil, logger: Logger,
    jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
    onChange: @escaping @Sendable (ObjectStore.Change) -> Void
  ) {
    self.client = client
    self.store = store
    self.options = options
    self.clock = clock
    self.metrics = metrics
    self.logger = logger
    self.jitter = jitter
    self.onChange = onChange
  }

  /// Runs until the task is cancelled.
  public func run() async {
    var run = Run(machine: ReflectorStateMachine(streamsLists: options.streamsLists))
    var action = run.machine.start()
    while !Task.isCancelled {
      options.heartbeat?.beat()
      switch action {
      case .list:
        action = await list(&run)
      case .streamList:
        action = await streamList(&run)
      case .watch(let resourceVersion):
        action = await watch(from: resourceVersion, &run)
      case .wait(let failures, let retryAfter):
        let pause = max(
          Backoff.reflector.delay(failures: failures, jitter: jitter()), retryAfter ?? .zero)
        guard (try? await clock.sleep(for: pause)) != nil else { return }
        action = run.machine.waited()
      }
    }
  }

  private struct Run {
    var machine: ReflectorStateMachine
    var availability = Availability.unknown
    var hasWatched = false
  }

  private enum Availability: Equatable {
    case unknown
    case available
    /// By kind: messages hold times and ports, which are no change.
    case failing(kind: String)
    case notServed
  }

  private func list(_ run: inout Run) async -> ReflectorStateMachine.Action {
    do {
      // Packed page by page, so that only one page is in memory as trees.
      var items: [ObjectStoreState.ListItem] = []
      let version = try await client.listPages(
        store.resource, namespace: options.namespace,
        options: ListOptions(
          labelSelector: options.labelSelector, fieldSelector: options.fieldSelector,
          representation: representation)
      ) { page in
        options.heartbeat?.beat()
        if page.startsOver { items.removeAll() }
        items += page.items.compactMap { store.pack($0) }
      }
      if Task.isCancelled { return .list }
      return take(items, version: version, &run) ?? .watch(resourceVersion: version)
    } catch {
      if Task.isCancelled { return .list }
      return run.machine.listFailed(classify(error, doing: "list", &run))
    }
  }

  private func take(
    _ items: [ObjectStoreState.ListItem], version: String, _ run: inout Run
  ) -> ReflectorStateMachine.Action? {
    metrics?.relisted(store.resource)
    let isFirst = !store.hasList(of: options.namespace)
    let changes = store.replace(
      withPacked: items, version: version, namespace: options.namespace)
    report(.available, &run)
    if !isFirst || options.reportsFirstList {
      for change in changes { onChange(change) }
    }
    return run.machine.listed(resourceVersion: version)
  }

  private func streamList(_ run: inout Run) async -> ReflectorStateMachine.Action {
    let events: WatchStream
    do {
      events = try await open(
        WatchOptions(
          labelSelector: options.labelSelector, fieldSelector: options.fieldSelector,
          sendInitialEvents: true, representation: representation), &run)
    } catch {
      if Task.isCancelled { return .list }
      if let status = error as? APIStatus, status.code == 400 || status.code == 422 {
        logger.debug("no streamed lists, listing", metadata: metadata(status.message))
        return run.machine.streamedListRefused()
      }
      return run.machine.listFailed(classify(error, doing: "watch", &run))
    }
    var list = StreamedList(store: store)
    var iterator = events.makeAsyncIterator()
    do {
      while let event = try await iterator.nextText() {
        options.heartbeat?.beat()
        switch try list.take(event) {
        case .more: continue
        case .complete(let items, let version):
          if Task.isCancelled { return .list }
          let started = clock.now
          if let action = take(items, version: version, &run) { return action }
          list = StreamedList(store: store)
          return await follow(&iterator, since: started, &run)
        case .notStreamed: return run.machine.streamedListRefused()
        case .failed(let status): throw status
        }
      }
      if Task.isCancelled { return .list }
      return run.machine.streamedListBroke(.other(retryAfter: nil))
    } catch {
      if Task.isCancelled { return .list }
      return run.machine.streamedListBroke(classify(error, doing: "watch", &run))
    }
  }

  private func open(_ watch: WatchOptions, _ run: inout Run) async throws -> WatchStream {
    let events = try await client.watch(
      store.resource, namespace: options.namespace, options: watch)
    metrics?.watchOpened(store.resource, again: run.hasWatched)
    run.hasWatched = true
    return events
  }

  private func watch(
    from resourceVersion: String, _ run: inout Run
  ) async -> ReflectorStateMachine.Action {
    let started = clock.now
    do {
      let events = try await open(
        WatchOptions(
          labelSelector: options.labelSelector, fieldSelector: options.fieldSelector,
          resourceVersion: resourceVersion, representation: representation), &run)
      if run.machine.isPositionDoubtful, try await isAhead(resourceVersion) {
        logger.notice(
          "the API server's data is older than before, listing again",
          metadata: ["resource": .string(store.resource.description)])
        return run.machine.watchFailed(.expired)
      }
      run.machine.confirmed()
      report(.available, &run)
      var iterator = events.makeAsyncIterator()
      return await follow(&iterator, since: started, &run)
    } catch {
      if Task.isCancelled { return .list }
      let failure = classify(error, doing: "watch", &run)
      return run.machine.watchFailed(failure, lasted: clock.now - started)
    }
  }

  /// Whether the server has not come as far as this version.
  private func isAhead(_ position: String) async throws -> Bool {
    let newest = try await client.newestVersion(of: store.resource, namespace: options.namespace)
    guard let newest = ResourceVersion(newest), let position = ResourceVersion(position) else {
      return false
    }
    return newest < position
  }

  /// Reads an open watch to its end.
  private func follow(
    _ events: inout WatchStream.Iterator, since started: Duration, _ run: inout Run
  ) async -> ReflectorStateMachine.Action {
    do {
      while let event = try await events.nextText() {
        options.heartbeat?.beat()
        switch event {
        case .changed(let text):
          run.machine.received(resourceVersion: text.resourceVersion)
          if let change = try store.apply(text) { onChange(change) }
        case .other(.error(let status)): throw status
        case .other(.bookmark(let object)):
          run.machine.received(resourceVersion: object.resourceVersion)
        case .other(.added(let object)), .other(.modified(let object)),
          .other(.deleted(let object)):
          run.machine.received(resourceVersion: object.resourceVersion)
          if case .other(let event) = event, let change = store.apply(event) { onChange(change) }
        }
      }
      if Task.isCancelled { return .list }
      return run.machine.watchEnded(lasted: clock.now - started)
    } catch {
      if Task.isCancelled { return .list }
      if let transport = error as? TransportError, !transport.isUnreadable {
        // Streams end like this now and then; whether the server is away shows at the next try.
        logger.debug("watch broke, watching again", metadata: metadata(transport.message))
        return run.machine.watchFailed(.unreachable(retryAfter: nil), lasted: clock.now - started)
      }
      let failure = classify(error, doing: "watch", &run)
      return run.machine.watchFailed(failure, lasted: clock.now - started)
    }
  }

  private func classify(
    _ error: any Error, doing verb: String, _ run: inout Run
  ) -> ReflectorStateMachine.Failure {
    if let error = error as? JSONParseError {
      let message = "an object of \(store.resource) is not JSON: \(error.message)"
      return classify(TransportError(.other, message), doing: verb, &run)
    }
    if let status = error as? APIStatus {
      if status.isExpired || status.isTooLargeResourceVersion {
        logger.debug("position expired, listing again", metadata: metadata(status.message))
        return .expired
      }
      if status.code == 404 || status.code == 405 {
        report(.notServed, &run)
        return .notServed
      }
      report(.failing(kind: "\(status.code) \(status.reason)"), &run, "\(verb) failed: \(status)")
      return status.code >= 500
        ? .unreachable(retryAfter: status.pauseBeforeRetry)
        : .other(retryAfter: status.pauseBeforeRetry)
    }
    let transport = error as? TransportError
    report(
      .failing(kind: transport?.code.rawValue ?? "other"), &run, "\(verb) failed: \(error)")
    return transport?.isUnreadable == true ? .unreadable : .unreachable(retryAfter: nil)
  }

  private var representation: Representation { options.metadataOnly ? .metadata : .object }

  private func report(_ new: Availability, _ run: inout Run, _ message: String = "") {
    guard new != run.availability else { return }
    run.availability = new
    switch new {
    case .unknown: break
    case .available: options.onAvailability(nil)
    case .failing: options.onAvailability(message)
    case .notServed: options.onNotServed()
    }
  }

  private func metadata(_ reason: String) -> Logger.Metadata {
    ["resource": .string(store.resource.description), "reason": .string(reason)]
  }
}

extension TransportError {
  /// The stream's bytes are what is wrong, not the connection.
  fileprivate var isUnreadable: Bool { code == .tooLarge || code == .other }
}
