import JSON
import KubernetesAPI
import KubernetesClient

/// What a streamed list (KEP-3157) has brought so far, packed. Readers of the store see nothing of it
/// before it is complete, and its events are no positions: they come in no order (correctness rules
/// 4 and 5).
struct StreamedList {
  enum Progress {
    case more
    case complete([ObjectStoreState.ListItem], version: String)
    /// A server that does not know streamed lists has opened a plain watch.
    case notStreamed
    case failed(APIStatus)
  }

  /// On the bookmark that ends the list.
  static let endMark = "k8s.io/initial-events-end"

  private let store: ObjectStore
  private var items: [ObjectKey: ObjectStoreState.ListItem] = [:]

  init(store: ObjectStore) { self.store = store }

  /// - Throws: when an object is no JSON.
  mutating func take(_ event: WatchEventText) throws(JSONParseError) -> Progress {
    switch event {
    case .changed(let text):
      let item = try store.pack(text)
      items[item.key] = item
      return .more
    case .other(let event): return take(event)
    }
  }

  private mutating func take(_ event: WatchEvent) -> Progress {
    switch event {
    case .error(let status): return .failed(status)
    // Real changes may come before the end, after the objects that they change.
    case .added(let object), .modified(let object):
      if let item = store.pack(object) { items[item.key] = item }
      return .more
    case .deleted(let object):
      items[object.key] = nil
      return .more
    case .bookmark(let object):
      let mark = object.metadata["annotations"]?[Self.endMark]?.string
      guard mark == "true", let version = object.resourceVersion else { return .notStreamed }
      defer { items = [:] }
      return .complete(items.values.sorted { $0.key < $1.key }, version: version)
    }
  }
}
