import KubernetesAPI
import Logging
import Synchronization

/// Says once when the API server, or one resource of it, stops answering, and once when it is back.
final class Availability: Sendable {
  private let errors = Mutex<[ResourceType: String]>([:])
  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  /// What could not be read at the last try.
  var failing: Set<ResourceType> { errors.withLock { Set($0.keys) } }

  func error(of resource: ResourceType) -> String? { errors.withLock { $0[resource] } }

  /// - Parameter error: nil when it answers.
  func report(_ resource: ResourceType, _ error: String?) {
    enum Change { case none, down, worse, up(isLast: Bool) }
    let change = errors.withLock { failing -> Change in
      guard let error else {
        guard failing.removeValue(forKey: resource) != nil else { return .none }
        return .up(isLast: failing.isEmpty)
      }
      let isFirst = failing.isEmpty
      let isKnown = failing.values.contains(error)
      failing[resource] = error
      return isFirst ? .down : isKnown ? .none : .worse
    }
    switch change {
    case .none: return
    case .down, .worse:
      logger.warning(
        "the API server does not answer as it should; trying again with pauses",
        metadata: ["resource": .string(resource.description), "error": .string(error ?? "")])
    case .up(let isLast):
      if isLast { logger.info("the API server answers again") }
    }
  }
}
