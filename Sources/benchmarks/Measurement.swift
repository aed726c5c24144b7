import Glibc
import JSON

/// One line of the result.
struct Measurement: Sendable {
  var name: String
  /// What was measured, with its size.
  var what: String
  var median: Double
  /// The best of all runs: the greatest rate, or the least time or size.
  var best: Double
  var unit: String
  /// What the project promises, such as `< 20`.
  var goal: String?

  var json: JSONValue {
    [
      "name": .string(name), "what": .string(what), "median": .double(median),
      "best": .double(best), "unit": .string(unit), "goal": goal.map { .string($0) } ?? .null,
    ]
  }
}

/// Runs a piece of work several times.
struct Meter {
  var runs: Int
  private(set) var results: [Measurement] = []

  init(runs: Int) { self.runs = max(1, runs) }

  /// Work units a second, such as MB/s.
  mutating func rate(
    _ name: String, _ what: String, units: Double, unit: String, goal: String? = nil,
    _ body: () throws -> Void
  ) rethrows {
    let rates = try seconds(body).map { units / $0 }
    results.append(
      Measurement(
        name: name, what: what, median: Self.median(rates), best: rates.max() ?? 0, unit: unit,
        goal: goal))
  }

  /// Time for one of `count` repetitions inside `body`.
  mutating func time(
    _ name: String, _ what: String, count: Int = 1, scale: Double, unit: String,
    goal: String? = nil, _ body: () throws -> Void
  ) rethrows {
    let times = try seconds(body).map { $0 / Double(count) * scale }
    add(name, what, times, unit: unit, goal: goal)
  }

  /// Figures of which less is better.
  mutating func add(
    _ name: String, _ what: String, _ figures: [Double], unit: String, goal: String? = nil
  ) {
    results.append(
      Measurement(
        name: name, what: what, median: Self.median(figures), best: figures.min() ?? 0, unit: unit,
        goal: goal))
  }

  private func seconds(_ body: () throws -> Void) rethrows -> [Double] {
    try body()  // warms caches, statics and the allocator
    return try (0..<runs).map { _ in
      let start = Self.threadSeconds
      try body()
      return Self.threadSeconds - start
    }
  }

  /// The processor's time, not the clock's: other programs on the machine disturb it less.
  private static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  static func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/// Keeps the optimizer from dropping work whose result nobody uses.
@inline(never)
@_optimize(none)
func keep<T>(_ value: T) {}
