import JSON
import Synchronization

/// All objects of the cluster, one version counter for all of them, and who waits for changes.
///
/// One lock guards everything; nothing is computed under it but the change itself.
final class ObjectStore: Sendable {
  struct Snapshot: Sendable {
    var objects: [StoredObject]
    var version: UInt64
  }

  enum Past: Sendable {
    case known(Snapshot)
    case forgotten(current: UInt64)
    case future(current: UInt64)
  }

  enum Changes: Sendable {
    /// Maybe none; `version` is the newest of the whole store at that moment.
    case some([StoredChange], version: UInt64)
    case forgotten(oldest: UInt64)
    /// The resource is no longer served, and all its changes were told.
    case closed
  }

  enum CommitOutcome: Sendable {
    /// `new` is nil after a removal; `version` is the change's.
    case done(new: StoredObject?, version: UInt64)
    /// Somebody else changed the object meanwhile: read it again.
    case overtaken
    case closed
  }

  private struct State {
    var version: UInt64
    var resources: [String: ResourceStorage] = [:]
    var nextID: UInt64 = 1
    var observers: [UInt64: @Sendable (String, StoredChange) -> Void] = [:]
  }

  private let state: Mutex<State>
  private let historyLimit: Int
  private let firstVersion: UInt64

  /// - Parameter firstVersion: not 1, so that a client's made-up small versions are too old.
  init(firstVersion: UInt64 = 100, historyLimit: Int) {
    self.firstVersion = firstVersion
    state = Mutex(State(version: firstVersion))
    self.historyLimit = historyLimit
  }

  /// A store with the same content and history, which nobody watches yet.
  init(copyOf other: ObjectStore) {
    firstVersion = other.firstVersion
    historyLimit = other.historyLimit
    var copy = other.state.withLock { $0 }
    copy.observers = [:]
    for resource in copy.resources.keys { copy.resources[resource]?.waiters = [:] }
    state = Mutex(copy)
  }

  var version: UInt64 { state.withLock { $0.version } }

  func uniqueID() -> UInt64 {
    state.withLock {
      $0.nextID += 1
      return $0.nextID
    }
  }

  // MARK: Resources

  /// Starts a resource without objects whose history begins now.
  func open(_ resource: String) {
    let waiting = state.withLock { state in
      var old = state.resources[resource]
      let waiting = old?.takeWaiters() ?? []
      state.resources[resource] = ResourceStorage(
        since: state.version, historyLimit: historyLimit)
      return waiting
    }
    for waiter in waiting { waiter.resume() }
  }

  /// Ends the watches of a resource once they told what happened before.
  func close(_ resource: String) {
    let waiting = state.withLock { state in
      state.resources[resource]?.isClosed = true
      return state.resources[resource]?.takeWaiters() ?? []
    }
    for waiter in waiting { waiter.resume() }
  }

  func replaceObjects(of resource: String, _ transform: (StoredObject) -> StoredObject) {
    state.withLock { $0.resources[resource]?.replaceObjects(transform) }
  }

  /// What there is and was at one moment.
  struct Backup: Sendable {
    fileprivate var version: UInt64
    fileprivate var resources: [String: ResourceStorage]
  }

  func backUp() -> Backup {
    state.withLock { state in
      Backup(
        version: state.version,
        resources: state.resources.mapValues { storage in
          var storage = storage
          storage.waiters = [:]
          return storage
        })
    }
  }

  /// Loses everything, versions included, as a store that is replaced by an empty one.
  ///
  /// - Parameter resources: those that there are from the start.
  func reset(to resources: [String]) {
    var empty = Backup(version: firstVersion, resources: [:])
    for resource in resources {
      empty.resources[resource] = ResourceStorage(since: firstVersion, historyLimit: historyLimit)
    }
    restore(empty)
  }

  /// Back to what was then, versions included. Observers see everything go and what was come; watches
  /// are not told.
  func restore(_ backup: Backup) {
    let waiting = state.withLock { state in
      for (resource, storage) in state.resources {
        for object in storage.objects {
          let change = StoredChange(version: state.version, old: object, new: nil)
          for observer in state.observers.values { observer(resource, change) }
        }
      }
      var waiting: [CheckedContinuation<Void, Never>] = []
      for resource in state.resources.keys {
        waiting += state.resources[resource]?.takeWaiters() ?? []
      }
      state.version = backup.version
      state.resources = backup.resources
      for (resource, storage) in state.resources {
        for object in storage.objects {
          let change = StoredChange(version: object.version, old: nil, new: object)
          for observer in state.observers.values { observer(resource, change) }
        }
      }
      return waiting
    }
    for waiter in waiting { waiter.resume() }
  }

  /// Forgets all versions but the newest, as a compaction of etcd does.
  func compact() {
    state.withLock { state in
      let version = state.version
      for resource in state.resources.keys {
        state.resources[resource]?.forgetHistory(upTo: version)
      }
    }
  }

  // MARK: Reading

  func get(_ resource: String, _ path: String) -> StoredObject? {
    state.withLock { $0.resources[resource]?[path] }
  }

  func snapshot(_ resource: String) -> Snapshot {
    state.withLock {
      Snapshot(objects: $0.resources[resource]?.objects ?? [], version: $0.version)
    }
  }

  func snapshot(_ resource: String, at version: UInt64) -> Past {
    let (storage, current) = state.withLock { ($0.resources[resource], $0.version) }
    guard version <= current else { return .future(current: current) }
    guard let storage else { return .known(Snapshot(objects: [], version: version)) }
    guard let objects = storage.objects(at: version) else { return .forgotten(current: current) }
    return .known(Snapshot(objects: objects, version: version))
  }

  /// The resource as it was so many changes (of any resource) ago, or as far back as is remembered.
  ///
  /// - Parameter floor: not before this version.
  func snapshot(_ resource: String, changesAgo: Int, floor: UInt64) -> Snapshot {
    let (storage, current) = state.withLock { ($0.resources[resource], $0.version) }
    guard let storage else { return Snapshot(objects: [], version: current) }
    let wanted = current - min(current, UInt64(clamping: changesAgo))
    let version = min(current, max(wanted, floor, storage.forgotten))
    return Snapshot(objects: storage.objects(at: version) ?? storage.objects, version: version)
  }

  func changes(of resource: String, after version: UInt64, limit: Int = 500) -> Changes {
    state.withLock { state in
      guard let storage = state.resources[resource] else { return .closed }
      guard let changes = storage.changes(after: version, limit: limit) else {
        return .forgotten(oldest: storage.forgotten)
      }
      if changes.isEmpty, storage.isClosed { return .closed }
      return .some(changes, version: state.version)
    }
  }

  // MARK: Writing

  /// Stores `replacement` (nil removes) if the object is still `expected` (nil: there is none).
  func commit(
    _ resource: String, path: String, expected: StoredObject?, _ replacement: JSONValue?
  ) -> CommitOutcome {
    let (outcome, waiting) = state.withLock {
      state -> (CommitOutcome, [CheckedContinuation<Void, Never>]) in
      // Why: a copy of the storage that outlives this would make the change copy all objects.
      guard state.resources[resource]?.isClosed == false else { return (.closed, []) }
      guard state.resources[resource]?[path] === expected else { return (.overtaken, []) }
      state.version += 1
      let new = replacement.map { StoredObject($0, path: path, version: state.version) }
      let change = StoredChange(version: state.version, old: expected, new: new)
      state.resources[resource]?.record(change, path: path)
      for observer in state.observers.values { observer(resource, change) }
      let waiting = state.resources[resource]?.takeWaiters() ?? []
      return (.done(new: new, version: state.version), waiting)
    }
    for waiter in waiting { waiter.resume() }
    return outcome
  }

  // MARK: Waiting

  /// Suspends until the resource changed after a version, or `wake` is called for the id.
  ///
  /// - Parameter isDue: asked once the waiter is known, so that a wake-up just before is not lost.
  func waitForChange(
    of resource: String, after version: UInt64, id: UInt64, isDue: @Sendable () -> Bool
  ) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let isWaiting = state.withLock { state in
          guard let storage = state.resources[resource], !storage.isClosed,
            version >= storage.forgotten,
            (storage.history.last?.version ?? 0) <= version
          else { return false }
          state.resources[resource]?.waiters[id] = continuation
          return true
        }
        guard isWaiting else { return continuation.resume() }
        if isDue() || Task.isCancelled { wake(id, resource) }
      }
    } onCancel: {
      wake(id, resource)
    }
  }

  /// Watches that have told everything and wait for more.
  var waitingWatches: Int {
    state.withLock { $0.resources.values.reduce(0) { $0 + $1.waiters.count } }
  }

  func wake(_ id: UInt64, _ resource: String) {
    state.withLock { $0.resources[resource]?.waiters.removeValue(forKey: id) }?.resume()
  }

  // MARK: Observing

  /// Calls back under the store's lock, in the order of the changes: hand over and return.
  func observe(_ callback: @escaping @Sendable (String, StoredChange) -> Void) -> UInt64 {
    state.withLock { state in
      state.nextID += 1
      state.observers[state.nextID] = callback
      return state.nextID
    }
  }

  func stopObserving(_ id: UInt64) {
    _ = state.withLock { $0.observers.removeValue(forKey: id) }
  }
}
