/// What is to be reconciled and when; pure, so every interleaving can be tested.
///
/// Guarantees (correctness rules 14 to 17): a key runs at most once at a time; an event while it
/// runs causes exactly one more run, afterwards; adding a key that waits keeps the earlier time and
/// the higher priority; failures are forgotten on success.
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
    /// Run again after a growing pause.
    case failed(retryAfter: Duration?)
  }

  public enum Next: Sendable, Equatable {
    case run(Key)
    case wait(until: Duration)
    case idle
  }

  private struct Ready: Sendable {
    var keys: [Key] = []
    var head = 0

    var isEmpty: Bool { head == keys.count }
    mutating func append(_ key: Key) { keys.append(key) }
    mutating func popFirst() -> Key? {
      guard head < keys.count else { return nil }
      defer {
        head += 1
        if head > 64, head * 2 > keys.count {
          keys.removeFirst(head)
          head = 0
        }
      }
      return keys[head]
    }
  }

  private struct Pending: Sendable {
    var priority: Priority
    /// Nil: ready now.
    var due: Duration?
    var addedAt: Duration
  }

  private var ready: [Ready] = Priority.allCases.map { _ in Ready() }
  private var pending: [Key: Pending] = [:]
  private var waiting = DueHeap<Key>()
  private var running: Set<Key> = []
  private var failures: [Key: Int] = [:]
  private let backoff: Backoff
  private var readyCount = 0

  public init(backoff: Backoff = .reconcile) { self.backoff = backoff }

  /// Keys that could run now but do not.
  public var depth: Int { readyCount }
  public var runningCount: Int { running.count }
  /// Nothing runs and nothing is ready; keys may still wait for their time.
  public var isSettled: Bool { running.isEmpty && readyCount == 0 }
  public func failureCount(of key: Key) -> Int { failures[key] ?? 0 }

  /// - Parameter due: not before this time; nil means now.
  public mutating func add(
    _ key: Key, priority: Priority = .live, due: Duration? = nil, now: Duration
  ) {
    let due = due.flatMap { $0 > now ? $0 : nil }
    guard var existing = pending[key] else {
      pending[key] = Pending(priority: priority, due: due, addedAt: now)
      if let due { waiting.push(key, due: due) } else { makeReady(key, priority) }
      return
    }
    let wasReady = existing.due == nil
    let oldPriority = existing.priority
    existing.priority = max(existing.priority, priority)
    if let old = existing.due {
      existing.due = due.map { min(old, $0) }
      if let earlier = existing.due, earlier < old { waiting.push(key, due: earlier) }
    }
    pending[key] = existing
    if existing.due == nil, !wasReady || existing.priority > oldPriority {
      // The stale entry in the lower level is skipped when its turn comes.
      makeReady(key, existing.priority, isNew: !wasReady)
    }
  }

  private mutating func makeReady(_ key: Key, _ priority: Priority, isNew: Bool = true) {
    if isNew, !running.contains(key) { readyCount += 1 }
    guard !running.contains(key) else { return }  // handed out when the run ends
    ready[priority.rawValue].append(key)
  }

  /// Takes the next key to run, if one is due.
  public mutating func next(now: Duration) -> Next {
    while let (key, due) = waiting.first, due <= now {
      waiting.popFirst()
      guard var entry = pending[key], entry.due == due else { continue }  // superseded
      entry.due = nil
      pending[key] = entry
      makeReady(key, entry.priority)
    }
    for priority in Priority.allCases.reversed() {
      while let key = ready[priority.rawValue].popFirst() {
        guard let entry = pending[key], entry.due == nil, entry.priority == priority,
          !running.contains(key)
        else { continue }
        pending[key] = nil
        readyCount -= 1
        running.insert(key)
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

  /// Ends a run.
  ///
  /// - Parameter jitter: from 0 to 1.
  /// - Returns: the pause before the next try, when it failed.
  @discardableResult
  public mutating func finish(
    _ key: Key, _ outcome: Outcome, now: Duration, jitter: Double
  ) -> Duration? {
    precondition(running.remove(key) != nil, "finish without a run")
    // What came in while it ran is due by now or later; its count was held back.
    if let entry = pending[key], entry.due == nil {
      readyCount += 1
      ready[entry.priority.rawValue].append(key)
    }
    switch outcome {
    case .done:
      failures[key] = nil
      return nil
    case .requeue(let after):
      failures[key] = nil
      add(key, priority: .bulk, due: now + after, now: now)
      return nil
    case .failed(let retryAfter):
      failures[key, default: 0] += 1
      let pause = max(
        backoff.delay(failures: failures[key] ?? 1, jitter: jitter), retryAfter ?? .zero)
      // An event that came in meanwhile runs it at once: the world has changed.
      if pending[key] == nil { add(key, priority: .live, due: now + pause, now: now) }
      return pause
    }
  }

  /// Drops what is known of a key that exists no more.
  public mutating func forget(_ key: Key) { failures[key] = nil }
}

/// A binary heap of due times.
private struct DueHeap<Key: Sendable>: Sendable {
  private var items: [(key: Key, due: Duration)] = []

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
