/// Tasks that sleep until a time on the owner thread's clock.
struct LoopTimers {
  struct Sleeper {
    var number: UInt64
    /// Monotonic nanoseconds.
    var deadline: UInt64
    /// Told whether the time has come; false when the sleep was cut short.
    var continuation: UnsafeContinuation<Bool, Never>
  }

  /// The earliest last. Few at any time, and most new ones are the latest.
  private var sleepers: [Sleeper] = []

  /// `UInt64.max` when nobody sleeps.
  var next: UInt64 { sleepers.last?.deadline ?? .max }

  mutating func insert(_ sleeper: Sleeper) {
    var low = 0
    var high = sleepers.count
    while low < high {
      let middle = (low + high) / 2
      if sleepers[middle].deadline > sleeper.deadline { low = middle + 1 } else { high = middle }
    }
    sleepers.insert(sleeper, at: low)
  }

  mutating func remove(_ number: UInt64) -> Sleeper? {
    sleepers.firstIndex { $0.number == number }.map { sleepers.remove(at: $0) }
  }

  mutating func takeDue(_ now: UInt64) -> [Sleeper] {
    guard next <= now else { return [] }
    var due: [Sleeper] = []
    while let last = sleepers.last, last.deadline <= now {
      due.append(last)
      sleepers.removeLast()
    }
    return due
  }

  mutating func takeAll() -> [Sleeper] {
    defer { sleepers = [] }
    return sleepers
  }
}

extension CurlHTTPClient {
  /// Sleeps by the timer of the client's own thread, which wakes no other one for it.
  ///
  /// - Throws: `CancellationError` when the task is cancelled first.
  public func sleep(for duration: Duration) async throws {
    if await loop.sleep(for: duration.clampedNanoseconds) { return }
    try Task.checkCancellation()
    // The client was shut down meanwhile, or before.
    try await Task.sleep(for: duration)
  }
}

extension CurlLoop {
  /// - Returns: whether the time has come; false when the task is cancelled or the loop closed.
  func sleep(for nanoseconds: UInt64) async -> Bool {
    let clock = LoopClock()
    clock.read()
    let deadline = clock.now &+ nanoseconds
    let number = newNumber()
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { (continuation: UnsafeContinuation<Bool, Never>) in
        let sleeper = LoopTimers.Sleeper(
          number: number, deadline: deadline, continuation: continuation)
        if !add(sleeper) { continuation.resume(returning: false) }
      }
    } onCancel: {
      removeSleeper(number)?.continuation.resume(returning: false)
    }
  }
}
