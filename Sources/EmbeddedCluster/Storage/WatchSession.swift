import Synchronization

/// One watch: pulls its events from the store's history, so a slow client costs no memory.
///
/// A client that falls behind the history gets an `Expired` error and has to list again.
final class WatchSession: Sendable {
  private let store: ObjectStore
  private let resource: String
  private let clock: ClusterClock
  private let matches: @Sendable (StoredObject) -> Bool
  private let encode: @Sendable (WatchProgress.Output) -> [UInt8]
  private let id: UInt64
  private let progress: Mutex<WatchProgress>
  private let timer = Mutex<Task<Void, Never>?>(nil)
  private let interruption = Mutex(false)
  /// Told before anything else.
  private let leftOver = Mutex<[UInt8]>([])

  init(
    store: ObjectStore, resource: String, options: WatchProgress.Options, clock: ClusterClock,
    matches: @escaping @Sendable (StoredObject) -> Bool,
    encode: @escaping @Sendable (WatchProgress.Output) -> [UInt8]
  ) {
    self.store = store
    self.resource = resource
    self.clock = clock
    self.matches = matches
    self.encode = encode
    id = store.uniqueID()
    progress = Mutex(WatchProgress(options))
  }

  deinit { stop() }

  /// The next events, each followed by a line feed; nil when the watch is over or its task cancelled.
  func next() async -> [UInt8]? {
    let rest = leftOver.withLock { rest in
      defer { rest = [] }
      return rest
    }
    if !rest.isEmpty, !isInterrupted { return rest }
    startTimer()
    while !Task.isCancelled, !isInterrupted {
      let (outputs, position, hasEnded) = progress.withLock { progress in
        let outputs = progress.next(now: clock.now(), matches: matches) { position in
          store.changes(of: resource, after: position)
        }
        return (outputs, progress.position, progress.hasEnded)
      }
      var bytes: [UInt8] = []
      for output in outputs {
        bytes.append(contentsOf: encode(output))
        bytes.append(0x0A)
      }
      if !bytes.isEmpty { return bytes }
      if hasEnded { break }
      await store.waitForChange(of: resource, after: position, id: id) {
        self.isDue || self.isInterrupted
      }
    }
    stop()
    return nil
  }

  func stop() {
    timer.withLock { timer in
      timer?.cancel()
      timer = nil
    }
  }

  /// The server is gone: there is no next event.
  func interrupt() {
    interruption.withLock { $0 = true }
    store.wake(id, resource)
  }

  var isInterrupted: Bool { interruption.withLock { $0 } }

  /// What could not be told yet.
  func putBack(_ bytes: [UInt8]) { leftOver.withLock { $0 = bytes + $0 } }

  private var isDue: Bool { clock.now() >= progress.withLock { $0.deadline } }

  private func startTimer() {
    timer.withLock { timer in
      guard timer == nil else { return }
      let clock = clock
      timer = Task { [weak self] in
        while !Task.isCancelled {
          guard let wait = self.map({ $0.progress.withLock { $0.deadline } - clock.now() }) else {
            return
          }
          // Why: the watch moves the deadline when it runs; until then look again a little later.
          let pause = max(wait, 20_000)
          guard (try? await clock.sleep(.microseconds(pause))) != nil else { return }
          guard let self else { return }
          if isDue { store.wake(id, resource) }
        }
      }
    }
  }
}
