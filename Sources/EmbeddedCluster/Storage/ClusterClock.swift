#if canImport(Glibc)
  import Glibc
#endif

/// The time the cluster lives in; tests put a virtual one in its place.
public struct ClusterClock: Sendable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  public var now: @Sendable () -> Int64
  public var sleep: @Sendable (Duration) async throws -> Void

  public init(
    now: @escaping @Sendable () -> Int64,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.now = now
    self.sleep = sleep
  }

  public static let system = ClusterClock(
    now: {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    },
    sleep: { try await Task.sleep(for: $0) })
}
