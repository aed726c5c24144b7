import KubernetesAPI
import Logging
import Synchronization

/// Says once when the API server, or one resource of it, stops answering, and once when it is back.
///
/// A resource may be followed in several namespaces, each with an answer of its own: it fails while
/// one of them does.
final class Availability: Sendable {
  private struct Place: Hashable {
    var resource: ResourceType
    /// Nil: all of them.
    var namespace: String?
  }

  private let errors = Mutex<[Place: String]>([:])
  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  /// What could not be read at the last try.
  var failing: Set<ResourceType> { errors.withLock { Set($0.keys.map(\.resource)) } }

  func error(of resource: ResourceType) -> String? {
    errors.withLock { errors in
      errors.filter { $0.key.resource == resource }
        .min { ($0.key.namespace ?? "") < ($1.key.namespace ?? "") }?.value
    }
  }

  /// - Parameters:
  ///   - namespace: where it was asked for; nil: everywhere.
  ///   - error: nil when it answers.
  func report(_ resource: ResourceType, in namespace: String?, _ error: String?) {
    enum Change { case none, down, worse, up(isLast: Bool) }
    let place = Place(resource: resource, namespace: namespace)
    let change = errors.withLock { failing -> Change in
      guard let error else {
        guard failing.removeValue(forKey: place) != nil else { return .none }
        return .up(isLast: failing.isEmpty)
      }
      let isFirst = failing.isEmpty
      let isKnown = failing.values.contains(error)
      failing[place] = error
      return isFirst ? .down : isKnown ? .none : .worse
    }
    switch change {
    case .none: return
    case .down, .worse:
      var metadata: Logger.Metadata = [
        "resource": .string(resource.description), "error": .string(error ?? ""),
      ]
      if let namespace { metadata["namespace"] = .string(namespace) }
      logger.warning(
        "the API server does not answer as it should; trying again with pauses",
        metadata: metadata)
    case .up(let isLast):
      if isLast { logger.info("the API server answers again") }
    }
  }
}
