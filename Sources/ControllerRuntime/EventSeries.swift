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

  enum Pending: Sendable {
    case create(Identity, ObjectKey, Occurrence)
    case count(Identity, ObjectKey, count: Int, lastSeen: Int64)

    var identity: Identity {
      switch self {
      case .create(let identity, _, _), .count(let identity, _, _, _): identity
      }
    }
  }

  private struct Series {
    var key: ObjectKey
    var count = 1
    var lastSeen: Int64
    var lastWritten: Int64?
    var isCountPending = false
  }

  private enum Waiting {
    case create(Identity, ObjectKey, Occurrence)
    case count(Identity)
  }

  /// client-go's `finishTime` (tools/events/event_broadcaster.go).
  static let endsAfterSeconds: Int64 = 360
  static let countEverySeconds: Int64 = 60

  private let capacity: Int
  private let instanceHash: UInt32
  private var series: [Identity: Series] = [:]
  private var waiting: Deque<Waiting> = []
  private var number: UInt64 = 0

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
        append(.count(identity))
      } else {
        series[identity] = known
      }
      return
    }
    forgetOld(now: now)
    number += 1
    let key = ObjectKey(
      namespace: identity.object.namespace ?? "default",
      name: name(of: identity.object.name, now: now))
    series[identity] = Series(key: key, lastSeen: now)
    append(.create(identity, key, occurrence))
  }

  mutating func next() -> Pending? {
    while let first = waiting.popFirst() {
      // Gives the room back.
      if waiting.isEmpty { waiting = [] }
      switch first {
      case .create(let identity, let key, let occurrence):
        return .create(identity, key, occurrence)
      case .count(let identity):
        guard var known = series[identity], known.isCountPending else { continue }
        known.isCountPending = false
        series[identity] = known
        return .count(identity, known.key, count: known.count, lastSeen: known.lastSeen)
      }
    }
    return nil
  }

  /// The server does not have it: the next equal event is a new one.
  mutating func failed(_ identity: Identity) { series[identity] = nil }

  /// Its name is taken: it gets another one.
  mutating func renamed(_ pending: Pending) {
    guard case .create(let identity, _, let occurrence) = pending else { return }
    series[identity] = nil
    record(identity, occurrence)
  }

  /// It was not sent, and is the next one again.
  mutating func postponed(_ pending: Pending) {
    switch pending {
    case .create(let identity, let key, let occurrence):
      waiting.prepend(.create(identity, key, occurrence))
    case .count(let identity, _, _, _):
      // Another may wait already, or the series be forgotten.
      guard series[identity]?.isCountPending == false else { return }
      series[identity]?.isCountPending = true
      waiting.prepend(.count(identity))
    }
    dropOldest()
  }

  private mutating func append(_ new: Waiting) {
    waiting.append(new)
    dropOldest()
  }

  private mutating func dropOldest() {
    guard waiting.count > capacity else { return }
    switch waiting.removeFirst() {
    // Its counts would have nothing to go to.
    case .create(let identity, _, _), .count(let identity): series[identity] = nil
    }
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
