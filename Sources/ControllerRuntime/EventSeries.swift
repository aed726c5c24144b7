import DequeModule
import KubernetesAPI

/// Which events are new, which only count, and which wait to be sent; pure and bounded.
struct EventSeries {
  /// What makes two events the same.
  struct Identity: Hashable, Sendable {
    var object: ObjectKey
    var uid: String
    var kind: String
    var type: String
    var reason: String
    var note: String
  }

  /// What else a new event tells. No more than what is needed to write it down later: as many wait as
  /// there are agents when all of them are made at once.
  struct Occurrence: Sendable {
    var action: String
    /// Of the object.
    var apiVersion: String
    var resourceVersion: String?
    /// Seconds since 1970.
    var time: Int64
  }

  struct Pending: Sendable {
    enum Request: Sendable {
      case create(Occurrence)
      case count(Int, lastSeen: Int64)
    }

    var identity: Identity
    var key: ObjectKey
    var request: Request
    /// How often it was sent in vain.
    var failures: Int
  }

  private struct Series {
    var key: ObjectKey
    var count = 1
    var lastSeen: Int64
    var lastWritten: Int64?
    var isCountPending = false
  }

  private struct Waiting {
    enum Request {
      case create(ObjectKey, Occurrence)
      case count
    }

    var identity: Identity
    var request: Request
    var failures = 0
  }

  /// client-go's `finishTime` (tools/events/event_broadcaster.go).
  static let endsAfterSeconds: Int64 = 360
  static let countEverySeconds: Int64 = 60
  /// How often an event is sent before others of its namespace come first.
  static let triesInARow = 3

  private let capacity: Int
  private let instanceHash: UInt32
  private var series: [Identity: Series] = [:]
  private var waiting: Deque<Waiting> = []
  private var number: UInt64 = 0
  /// Namespaces whose last event was not taken, and when that was, in tries. Others come first: it may
  /// be nothing but an admission webhook of theirs.
  private var faulty: [String: UInt64] = [:]
  private var faultCount: UInt64 = 0

  init(capacity: Int, instanceHash: UInt32) {
    self.capacity = max(1, capacity)
    self.instanceHash = instanceHash
  }

  var pendingCount: Int { waiting.count }
  var seriesCount: Int { series.count }

  mutating func record(_ identity: Identity, _ occurrence: Occurrence) {
    let now = occurrence.time
    if var known = series[identity], now - known.lastSeen < Self.endsAfterSeconds {
      known.count += 1
      known.lastSeen = now
      let isDue = known.lastWritten.map { now - $0 >= Self.countEverySeconds } ?? true
      if isDue, !known.isCountPending {
        known.isCountPending = true
        known.lastWritten = now
        series[identity] = known
        append(Waiting(identity: identity, request: .count))
      } else {
        series[identity] = known
      }
      return
    }
    forgetOld(now: now)
    let key = newKey(identity, now: now)
    series[identity] = Series(key: key, lastSeen: now)
    append(Waiting(identity: identity, request: .create(key, occurrence)))
  }

  mutating func next() -> Pending? {
    while let next = removeNext() {
      let identity = next.identity
      switch next.request {
      case .create(let key, let occurrence):
        return Pending(
          identity: identity, key: key, request: .create(occurrence), failures: next.failures)
      case .count:
        guard var known = series[identity], known.isCountPending else { continue }
        known.isCountPending = false
        series[identity] = known
        return Pending(
          identity: identity, key: known.key,
          request: .count(known.count, lastSeen: known.lastSeen), failures: next.failures)
      }
    }
    return nil
  }

  private mutating func removeNext() -> Waiting? {
    func lastFault(_ index: Int) -> UInt64 {
      faulty[Self.namespace(waiting[index].identity)] ?? 0
    }
    guard !waiting.isEmpty else { return nil }
    var next = 0
    if !faulty.isEmpty {
      next =
        waiting.indices.first { lastFault($0) == 0 }
        ?? waiting.indices.min { lastFault($0) < lastFault($1) } ?? 0
    }
    let removed = waiting.remove(at: next)
    if waiting.isEmpty {
      // Gives the room back.
      waiting = []
      faulty = [:]
    }
    return removed
  }

  /// The server has it.
  mutating func sent(_ pending: Pending) { faulty[Self.namespace(pending.identity)] = nil }

  /// The server does not have it: the next equal event is a new one.
  mutating func failed(_ pending: Pending) {
    if series[pending.identity]?.key == pending.key { series[pending.identity] = nil }
  }

  /// Its name is taken: it gets another one, for what was counted meanwhile too.
  mutating func renamed(_ pending: Pending) {
    guard case .create(let occurrence) = pending.request, waiting.count < capacity else {
      return failed(pending)
    }
    let key = newKey(pending.identity, now: occurrence.time)
    if series[pending.identity]?.key == pending.key { series[pending.identity]?.key = key }
    // Before its count, which may wait already.
    waiting.prepend(Waiting(identity: pending.identity, request: .create(key, occurrence)))
  }

  /// It was not sent, and is one of the next again.
  ///
  /// - Parameter isAnswered: whether there is a server, which may take other events.
  mutating func postponed(_ pending: Pending, isAnswered: Bool) {
    let identity = pending.identity
    if isAnswered {
      faultCount += 1
      faulty[Self.namespace(identity)] = faultCount
    }
    var again = Waiting(identity: identity, request: .count, failures: pending.failures + 1)
    switch pending.request {
    case .create(let occurrence): again.request = .create(pending.key, occurrence)
    case .count:
      // Another may wait already, or the series be forgotten.
      guard series[identity]?.isCountPending == false else { return }
    }
    // It is the oldest.
    guard waiting.count < capacity else { return failed(pending) }
    if case .count = again.request { series[identity]?.isCountPending = true }
    if isAnswered, again.failures.isMultiple(of: Self.triesInARow) {
      moveToEnd(again)
    } else {
      waiting.prepend(again)
    }
  }

  private mutating func moveToEnd(_ again: Waiting) {
    var counts: [Waiting] = []
    if case .create = again.request {
      // Nothing can be counted before it is there.
      func isItsCount(_ other: Waiting) -> Bool {
        if case .count = other.request { other.identity == again.identity } else { false }
      }
      counts = waiting.filter(isItsCount)
      waiting.removeAll(where: isItsCount)
    }
    waiting.append(again)
    waiting.append(contentsOf: counts)
  }

  private mutating func append(_ new: Waiting) {
    waiting.append(new)
    dropOldest()
  }

  private mutating func dropOldest() {
    guard waiting.count > capacity else { return }
    // Its counts would have nothing to go to.
    series[waiting.removeFirst().identity] = nil
  }

  private mutating func forgetOld(now: Int64) {
    guard series.count >= capacity else { return }
    series = series.filter { now - $0.value.lastSeen < Self.endsAfterSeconds }
    guard series.count >= capacity else { return }
    // Half of them, so that this is not done for each event.
    for (identity, _) in series.sorted(by: { $0.value.lastSeen < $1.value.lastSeen })
      .prefix(max(1, capacity / 2))
    {
      series[identity] = nil
    }
  }

  private static func namespace(_ identity: Identity) -> String {
    identity.object.namespace ?? "default"
  }

  private mutating func newKey(_ identity: Identity, now: Int64) -> ObjectKey {
    number += 1
    return ObjectKey(
      namespace: Self.namespace(identity), name: name(of: identity.object.name, now: now))
  }

  /// The object's name and a suffix that no other event has; at most 253 bytes, a DNS subdomain.
  private func name(of object: String, now: Int64) -> String {
    let hex = { (value: UInt64) in String(value, radix: 16) }
    let hash = hex(UInt64(instanceHash) + (1 << 32)).dropFirst()
    let suffix = "\(hex(UInt64(max(0, now))))\(hash)\(hex(number))"
    var stem = String(decoding: object.utf8.prefix(252 - suffix.utf8.count), as: UTF8.self)
    while let last = stem.last, last == "." || last == "-" { stem.removeLast() }
    return "\(stem).\(suffix)"
  }
}
