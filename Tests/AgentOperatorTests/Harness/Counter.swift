import Synchronization

final class Counter: Sendable {
  private let state = Mutex(0)
  var value: Int { state.withLock { $0 } }
  func add(_ number: Int) { state.withLock { $0 += number } }
}

final class LockedSet: Sendable {
  private let state = Mutex<Set<String>>([])
  func insert(_ text: String) -> Bool { state.withLock { $0.insert(text).inserted } }
}
