import KubernetesAPI
import KubernetesClient
import Synchronization

/// What can go wrong with a request.
enum Fault: Sendable, Equatable {
  case delay(Duration)
  /// The connection breaks; the server knows nothing of the request.
  case lostBefore
  /// The server acts, its answer gets lost.
  case lostAfter
  /// The server acts at once, its answer takes so long.
  case late(Duration)
  case refused
  case status(Int, retryAfter: Int? = nil)
  /// The operator's process ends before the server knows of the request, or before its answer.
  case crashBefore
  case crashAfter
}

/// What can go wrong with one event of a watch.
enum WatchFault: Sendable, Equatable {
  case lost
  case doubled
  /// This event comes so much later, and with it all that follow in its watch.
  case late(Duration)
  /// It comes after the next one, as no API server sends it.
  case swapped
  /// The connection breaks before the event.
  case cut
  /// 410 instead of the event, as after a compaction.
  case expired
}

/// Who decides about faults. Shared by all connections of a harness.
final class FaultPlan: Sendable {
  typealias Rule = @Sendable (RecordedRequest) -> Fault?
  /// Given the resource, the event's type and the object's key.
  typealias WatchRule = @Sendable (String, WatchEvent) -> WatchFault?

  private struct State {
    var rules: [Rule] = []
    var watchRules: [WatchRule] = []
    var replacement: (String, by: String)?
  }

  private let state = Mutex(State())

  func add(_ rule: @escaping Rule) { state.withLock { $0.rules.append(rule) } }
  /// The fault for one write of the operator's state.
  ///
  /// - Parameter place: from 0, among these writes.
  func add(_ fault: Fault, atWrite place: Int) {
    let count = Counter()
    add { request in
      guard request.isStateWrite else { return nil }
      count.add(1)
      return count.value == place + 1 ? fault : nil
    }
  }
  func addToWatches(_ rule: @escaping WatchRule) { state.withLock { $0.watchRules.append(rule) } }
  /// What the server answers and tells has the one text in place of the other, however long: as if an
  /// agent were what the embedded cluster does not take.
  func replace(_ text: String, by other: String) {
    state.withLock { $0.replacement = (text, by: other) }
  }
  func clear() { state.withLock { $0 = State() } }

  /// The fault for the first `count` requests that match.
  func next(
    _ fault: Fault, count: Int = 1, where matches: @escaping @Sendable (RecordedRequest) -> Bool
  ) {
    let left = Mutex(count)
    add { request in
      guard matches(request) else { return nil }
      return left.withLock { left in
        guard left > 0 else { return nil }
        left -= 1
        return fault
      }
    }
  }

  func fault(of request: RecordedRequest) -> Fault? {
    let rules = state.withLock { $0.rules }
    // Why no `lazy`: it asks the first that answers twice, and rules count.
    for rule in rules { if let fault = rule(request) { return fault } }
    return nil
  }

  /// The bytes as the operator gets them.
  func told(_ bytes: [UInt8]) -> [UInt8] {
    guard let (text, other) = state.withLock({ $0.replacement }) else { return bytes }
    return Array(String(decoding: bytes, as: UTF8.self).replacing(text, with: other).utf8)
  }

  var concernsWatches: Bool { state.withLock { !$0.watchRules.isEmpty } }

  func fault(of event: WatchEvent, _ resource: String) -> WatchFault? {
    let rules = state.withLock { $0.watchRules }
    for rule in rules { if let fault = rule(resource, event) { return fault } }
    return nil
  }
}
