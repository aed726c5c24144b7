import KubernetesAPI
import Synchronization

/// Somebody else's objects that stand where rendered ones have to go, and that no cache shows.
///
/// What is known from a refused create is looked at before the next one, so that waiting for its
/// owner to remove it costs reads only.
final class ForeignObjects: Sendable {
  private struct Place: Hashable {
    var resource: ResourceType
    var key: ObjectKey
  }

  private let places = Mutex<Set<Place>>([])

  func contains(_ resource: ResourceType, _ key: ObjectKey) -> Bool {
    places.withLock { $0.contains(Place(resource: resource, key: key)) }
  }

  func note(_ resource: ResourceType, _ key: ObjectKey, isForeign: Bool) {
    let place = Place(resource: resource, key: key)
    places.withLock { places in
      if isForeign { places.insert(place) } else { places.remove(place) }
    }
  }
}
