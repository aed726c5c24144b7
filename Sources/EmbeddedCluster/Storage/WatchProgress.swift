/// What one watch has told and has to tell next; pure, driven with the store's changes and a time.
struct WatchProgress {
  struct Options: Sendable {
    /// Tells everything there is first, then the changes after `position`.
    var initial: [StoredObject] = []
    var position: UInt64
    /// A bookmark with `k8s.io/initial-events-end` follows the initial objects (KEP-3157).
    var marksInitialEnd = false
    var allowsBookmarks = false
    /// Microseconds.
    var bookmarkInterval: Int64 = 60_000_000
    /// Microseconds since 1970.
    var start: Int64
    var end: Int64
  }

  enum Output {
    case added(StoredObject)
    case modified(StoredObject)
    case deleted(StoredObject)
    case bookmark(version: UInt64, initialEventsEnd: Bool)
    /// The changes after `position` are forgotten; the stream ends with this.
    case expired(position: UInt64, oldest: UInt64)
  }

  /// The last bookmark comes this long before the end of the watch.
  static let bookmarkBeforeEnd: Int64 = 2_000_000

  private(set) var position: UInt64
  private(set) var hasEnded = false
  /// When something has to happen even if nothing changes.
  private(set) var deadline: Int64
  private var options: Options
  private var toldInitial = false
  /// The newest version that the client knows of.
  private var told: UInt64

  init(_ options: Options) {
    self.options = options
    position = options.position
    told = options.position
    deadline = 0
    deadline = nextDeadline(after: options.start)
  }

  private func nextDeadline(after now: Int64) -> Int64 {
    guard options.allowsBookmarks else { return options.end }
    let last = options.end - Self.bookmarkBeforeEnd
    return now < last ? min(now + options.bookmarkInterval, last) : options.end
  }

  mutating func next(
    now: Int64, matches: (StoredObject) -> Bool, changes: (UInt64) -> ObjectStore.Changes
  ) -> [Output] {
    guard !hasEnded else { return [] }
    var outputs: [Output] = []
    if !toldInitial {
      toldInitial = true
      outputs = options.initial.filter(matches).map { .added($0) }
      options.initial = []
      if options.marksInitialEnd {
        outputs.append(.bookmark(version: position, initialEventsEnd: true))
      }
      if !outputs.isEmpty { return outputs }
    }
    switch changes(position) {
    case .closed: hasEnded = true
    case .forgotten(let oldest):
      hasEnded = true
      outputs.append(.expired(position: position, oldest: oldest))
    case .some(let changes, let version):
      for change in changes {
        position = change.version
        guard let output = Self.output(for: change, matches: matches) else { continue }
        outputs.append(output)
        told = change.version
      }
      guard now >= deadline else { return outputs }
      if now >= options.end {
        hasEnded = true
      } else if options.allowsBookmarks, changes.isEmpty {
        let newest = max(position, version)
        let isLast = now >= options.end - Self.bookmarkBeforeEnd
        // Why: the periodic ones also show that the connection lives; the last one only saves the
        // client from starting at an old version.
        if newest > told || !isLast {
          outputs.append(.bookmark(version: newest, initialEventsEnd: false))
        }
        told = newest
        deadline = nextDeadline(after: now)
      }
    }
    return outputs
  }

  /// An object that starts or stops to match appears or goes: it is told with the content that
  /// matched last and the version of the change.
  private static func output(
    for change: StoredChange, matches: (StoredObject) -> Bool
  ) -> Output? {
    let old = change.old.flatMap { matches($0) ? $0 : nil }
    let new = change.new.flatMap { matches($0) ? $0 : nil }
    switch (old, new) {
    case (nil, nil): return nil
    case (nil, let new?): return .added(new)
    case (.some, let new?): return .modified(new)
    case (let old?, nil): return .deleted(old.at(change.version))
    }
  }
}
