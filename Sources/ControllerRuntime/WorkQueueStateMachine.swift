/// What is to be reconciled and when; pure, so every interleaving can be tested.
///
/// Guarantees (correctness rules 14 to 17): a key runs at most once at a time; any number of events
/// while it runs cause exactly one more run, afterwards; adding a key that waits keeps the earlier
/// time and the higher priority; failures are forgotten on success; no key is lost.
public struct WorkQueueStateMachine<Key: Hashable & Sendable>: Sendable {
  /// Live events come before bulk work such as the first list.
  public enum Priority: Int, Sendable, Comparable, CaseIterable {
    case bulk, live
    public static func < (a: Priority, b: Priority) -> Bool { a.rawValue < b.rawValue }
  }

  public enum Outcome: Sendable, Equatable {
    /// Nothing more to do until an event comes.
    case done
    /// Run again after this time; failures are forgotten.
    case requeue(after: Duration)
    /// Run again after a growing pause, but not before `retryAfter`.
    case failed(retryAfter: Duration?)
  }

  public enum Next: Sendable, Equatable {
    case run(Key)
    case wait(until: Duration)
    case idle
  }

  private struct Pending: Sendable {
    var priority: Priority
    /// Nil: ready now.
    var due: Duration?
    /// When it became ready; without meaning before.
    var readySince: Duration
  }

  private struct Run: Sendable {
    var priority: Priority
    var startedAt: Duration
    var waited: Duration
  }

  private var ready: [KeyFIFO<Key>] = Priority.allCases.map { _ in KeyFIFO() }
  /// Keys that are ready and do not run, by priority. The FIFOs also hold superseded entries.
  private var readyCounts = [Int](repeating: 0, count: Priority.allCases.count)
  private var pending: [Key: Pending] = [:]
  private var waiting = DueHeap<Key>()
  private var waitingCount = 0
  private var running: [Key: Run] = [:]
  private var failures: [Key: Int] = [:]
  private let backoff: Backoff

  /// How often a key became ready, for metrics.
  public private(set) var addCount: UInt64 = 0

  public init(backoff: Backoff = .reconcile) { self.backoff = backoff }

  /// Keys that could run now but do not.
  public var depth: Int { readyCounts.reduce(0, +) }
  public func depth(of priority: Priority) -> Int { readyCounts[priority.rawValue] }
  /// Keys whose time has not come.
  public var delayedCount: Int { waitingCount }
  /// Times that are kept, superseded ones included.
  var heapCount: Int { waiting.count }
  public var runningCount: Int { running.count }
  /// Nothing runs and nothing is ready; keys may still wait for their time.
  public var isSettled: Bool { running.isEmpty && depth == 0 }
  public func failureCount(of key: Key) -> Int { failures[key] ?? 0 }
  /// How long a running key had been ready before it was handed out.
  public func timeInQueue(of key: Key) -> Duration? { running[key]?.waited }
  /// How long the runs that are under way have taken so far: in all, and the longest.
  public func unfinished(now: Duration) -> (total: Duration, longest: Duration) {
    running.values.reduce((.zero, .zero)) {
      ($0.0 + (now - $1.startedAt), max($0.1, now - $1.startedAt))
    }
  }

  /// - Parameter due: not before this time; nil means now.
  public mutating func add(
    _ key: Key, priority: Priority = .live, due: Duration? = nil, now: Duration
  ) {
    let due = due.flatMap { $0 > now ? $0 : nil }
    guard let old = pending[key] else {
      pending[key] = Pending(priority: priority, due: due, readySince: now)
      if let due { wait(key, until: due, isNew: true) } else { becameReady(key, priority) }
      return
    }
    var entry = old
    entry.priority = max(old.priority, priority)
    if let oldDue = old.due {
      entry.due = due.map { min($0, oldDue) }
      if entry.due == nil { entry.readySince = now }
    }
    pending[key] = entry
    if let oldDue = old.due {
      if let due = entry.due {
        if due < oldDue { wait(key, until: due, isNew: false) }
      } else {
        waitingCount -= 1
        becameReady(key, entry.priority)
      }
    } else if entry.priority > old.priority, running[key] == nil {
      // At the end of the higher level; the entry in the lower one is skipped when its turn comes.
      readyCounts[old.priority.rawValue] -= 1
      enqueue(key, entry.priority)
    }
  }

  private mutating func becameReady(_ key: Key, _ priority: Priority) {
    addCount += 1
    // A key that runs is handed out when the run ends.
    if running[key] == nil { enqueue(key, priority) }
  }

  private mutating func enqueue(_ key: Key, _ priority: Priority) {
    readyCounts[priority.rawValue] += 1
    ready[priority.rawValue].append(key)
  }

  private mutating func wait(_ key: Key, until due: Duration, isNew: Bool) {
    if isNew { waitingCount += 1 }
    waiting.push(key, due: due)
    // Superseded times stay in the heap until they come: far ones must not pile up (rule 20).
    if waiting.count > 2 * waitingCount + 64 {
      waiting = DueHeap(pending.lazy.compactMap { key, entry in entry.due.map { (key, $0) } })
    }
  }

  /// Takes the next key to run, if one is due.
  public mutating func next(now: Duration) -> Next {
    while let (key, due) = waiting.first, due <= now {
      waiting.popFirst()
      guard var entry = pending[key], entry.due == due else { continue }  // superseded
      entry.due = nil
      entry.readySince = due
      pending[key] = entry
      waitingCount -= 1
      becameReady(key, entry.priority)
    }
    for priority in Priority.allCases.reversed() {
      while let key = ready[priority.rawValue].popFirst() {
        guard let entry = pending[key], entry.due == nil, entry.priority == priority,
          running[key] == nil
        else { continue }  // superseded
        pending[key] = nil
        readyCounts[priority.rawValue] -= 1
        running[key] = Run(
          priority: priority, startedAt: now, waited: max(.zero, now - entry.readySince))
        return .run(key)
      }
    }
    while let (key, due) = waiting.first {
      guard pending[key]?.due == due else {
        waiting.popFirst()
        continue
      }
      return .wait(until: due)
    }
    return .idle
  }

  /// Ends a run. The key keeps the priority of the run when it comes back by itself, so that a first
  /// list that fails does not overtake live events.
  ///
  /// - Parameter jitter: from 0 to 1.
  /// - Returns: the pause before the next try, when it failed.
  @discardableResult
  public mutating func finish(
    _ key: Key, _ outcome: Outcome, now: Duration, jitter: Double
  ) -> Duration? {
    guard let run = running.removeValue(forKey: key) else {
      preconditionFailure("finish without a run")
    }
    // What came in while it ran was held back.
    if let entry = pending[key], entry.due == nil { enqueue(key, entry.priority) }
    switch outcome {
    case .done:
      failures[key] = nil
      return nil
    case .requeue(let after):
      failures[key] = nil
      add(key, priority: run.priority, due: now + after, now: now)
      return nil
    case .failed(let retryAfter):
      let count = failures[key, default: 0] + 1
      failures[key] = count
      let pause = max(backoff.delay(failures: count, jitter: jitter), retryAfter ?? .zero)
      // An event that came in meanwhile still runs it at once: the world has changed.
      add(key, priority: run.priority, due: now + pause, now: now)
      return pause
    }
  }

  /// Drops what is known of a key that exists no more.
  public mutating func forget(_ key: Key) { failures[key] = nil }
}

/// First in, first out, without moving the rest for each key taken.
private struct KeyFIFO<Key: Sendable>: Sendable {
  private var keys: [Key] = []
  private var head = 0

  mutating func append(_ key: Key) { keys.append(key) }

  mutating func popFirst() -> Key? {
    guard head < keys.count else { return nil }
    defer {
      head += 1
      if head == keys.count {
        keys.removeAll(keepingCapacity: head <= 1024)
        head = 0
      } else if head > 64, head * 2 > keys.count {
        keys.removeFirst(head)
        head = 0
      }
    }
    return keys[head]
  }
}

/// A binary heap of due times.
private struct DueHeap<Key: Sendable>: Sendable {
  private var items: [(key: Key, due: Duration)] = []

  init() {}

  init(_ entries: some Sequence<(Key, Duration)>) {
    // A sorted array is a heap.
    items = entries.map { (key: $0.0, due: $0.1) }.sorted { $0.due < $1.due }
  }

  var count: Int { items.count }
  var first: (key: Key, due: Duration)? { items.first }

  mutating func push(_ key: Key, due: Duration) {
    items.append((key, due))
    var i = items.count - 1
    while i > 0, items[i].due < items[(i - 1) / 2].due {
      items.swapAt(i, (i - 1) / 2)
      i = (i - 1) / 2
    }
  }

  mutating func popFirst() {
    guard let last = items.popLast(), !items.isEmpty else { return }
    items[0] = last
    var i = 0
    while true {
      let left = 2 * i + 1
      guard left < items.count else { return }
      let right = left + 1
      let child = right < items.count && items[right].due < items[left].due ? right : left
      guard items[child].due < items[i].due else { return }
      items.swapAt(i, child)
      i = child
    }
  }
}
