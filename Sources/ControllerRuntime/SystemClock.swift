import Glibc

/// The machine's clocks.
public struct SystemClock: RuntimeClock {
  private let start = ContinuousClock.now

  public init() {}

  public var now: Duration { start.duration(to: .now) }
  public var wallTime: Int64 { Int64(time(nil)) }

  public func sleep(until deadline: Duration) async throws {
    try await ContinuousClock().sleep(until: start.advanced(by: deadline))
  }
}
