import ControllerRuntime

/// A machine's clock that started at another time, shows another date and runs too fast or too slow,
/// for a process that may be suspended.
struct SkewedClock: RuntimeClock {
  let base: SimulatedClock
  /// 1.1: gains six minutes an hour.
  let rate: Double
  let start: Duration
  /// Seconds that its date is ahead.
  let ahead: Int64
  let suspension: Suspension

  var now: Duration { at(base.now) }
  var wallTime: Int64 { base.wallTime + ahead }

  /// What it shows at a time of the true clock.
  func at(_ time: Duration) -> Duration { start + time * rate }

  func sleep(until deadline: Duration) async throws {
    // What was lost by rounding is slept for again: nobody wakes up before the deadline.
    while true {
      try await suspension.end()
      guard now < deadline else { break }
      try await base.sleep(until: base.now + max((deadline - now) / rate, .nanoseconds(1)))
    }
    try Task.checkCancellation()
  }
}
