import Foundation

/// Which histories are run.
enum SimulationSeeds {
  private static let environment = ProcessInfo.processInfo.environment
  static let isSingle = environment["SIMULATION_SEED"] != nil
  /// More than every test run does.
  static let isThorough = environment["SIMULATION_SEEDS"] != nil

  /// `SIMULATION_MINUTES`: no history begins later than that.
  static var timeLimit: Duration? {
    environment["SIMULATION_MINUTES"].flatMap(Double.init).map { .seconds($0 * 60) }
  }

  /// `SIMULATION_SEEDS` is a number of seeds, a range such as `101-200`, or every fifth of one:
  /// `2-300/5`.
  static var all: [UInt64] {
    if let seed = environment["SIMULATION_SEED"].flatMap(UInt64.init) { return [seed] }
    let parts = (environment["SIMULATION_SEEDS"] ?? "30").split(separator: "/")
    let bounds = (parts.first ?? "").split(separator: "-").compactMap { UInt64($0) }
    let step = parts.dropFirst().first.flatMap { UInt64($0) } ?? 1
    let range =
      bounds.count == 2 && bounds[0] <= bounds[1]
      ? bounds[0]...bounds[1] : 1...max(1, bounds.first ?? 1)
    return Array(stride(from: range.lowerBound, through: range.upperBound, by: Int(max(1, step))))
  }
}
