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

  /// `SIMULATION_SEEDS` is a number of seeds or a range such as `101-200`.
  static var all: ClosedRange<UInt64> {
    if let seed = environment["SIMULATION_SEED"].flatMap(UInt64.init) { return seed...seed }
    let bounds = (environment["SIMULATION_SEEDS"] ?? "30").split(separator: "-").compactMap {
      UInt64($0)
    }
    return bounds.count == 2 && bounds[0] <= bounds[1]
      ? bounds[0]...bounds[1] : 1...max(1, bounds.first ?? 1)
  }
}
