/// Growing pauses between tries, with full jitter, so that many clients do not come back at once.
public struct Backoff: Sendable, Hashable {
  public var base: Duration
  public var maximum: Duration

  public init(base: Duration, maximum: Duration) {
    self.base = base
    self.maximum = maximum
  }

  /// For reconciles of one object: 50 ms doubling to 5 min.
  public static let reconcile = Backoff(base: .milliseconds(50), maximum: .seconds(300))
  /// For lists and watches: client-go's 800 ms doubling to 30 s.
  public static let reflector = Backoff(base: .milliseconds(800), maximum: .seconds(30))

  /// Anything from half of `base` to the full pause, which doubles with each failure. Why not from
  /// zero: a pause of nothing is a hot loop.
  ///
  /// - Parameters:
  ///   - failures: how often it failed in a row, from 1.
  ///   - jitter: from 0 (the shortest pause) to 1 (the full one).
  public func delay(failures: Int, jitter: Double) -> Duration {
    var full = base
    // 40 doublings reach any maximum that makes sense, and cannot overflow.
    for _ in 1..<max(1, min(failures, 40)) {
      full = full * 2
      if full >= maximum { break }
    }
    full = min(full, maximum)
    let least = min(base / 2, full)
    return least + (full - least) * min(max(jitter, 0), 1)
  }
}
