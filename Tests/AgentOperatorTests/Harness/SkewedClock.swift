import ControllerRuntime

/// A machine's clock that started at another time, shows another date and runs too fast or too slow.
struct SkewedClock: RuntimeClock {
  let base: SimulatedClock
  /// 1.1: gains six minutes an hour.
  let rate: Double
  let start: Duration
  /// Seconds that its date is ahead.
  let ahead: Int64

  var now: Duration { start + base.now * rate }
  var wallTime: Int64 { base.wallTime + ahead }

  func sleep(until deadline: Duration) async throws {
    // What was lost by rounding is slept for again: nobody wakes up before the deadline.
    while now < deadline {
      try await base.sleep(until: base.now + max((deadline - now) / rate, .nanoseconds(1)))
    }
    try Task.checkCancellation()
  }
}
