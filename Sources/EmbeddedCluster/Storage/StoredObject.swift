import JSON
import Synchronization

/// One version of one object as it is stored: immutable, shared by lists, watches and the history.
final class StoredObject: Sendable {
  /// In the storage version, with `apiVersion`, `kind` and `metadata.resourceVersion`.
  let json: JSONValue
  /// `namespace/name`, or the name of a cluster-scoped object: the order of lists, as etcd's keys.
  let path: String
  let version: UInt64
  let labels: [String: String]

  /// The members but `apiVersion` and `kind`, without the outer braces; made when first needed.
  private let tail = Mutex<[UInt8]?>(nil)

  init(_ json: JSONValue, path: String, version: UInt64) {
    var json = json
    json["metadata"]?["resourceVersion"] = .string(String(version))
    self.json = json
    self.path = path
    self.version = version
    var labels: [String: String] = [:]
    for (key, value) in json["metadata"]?["labels"]?.object ?? [:] {
      labels[key] = value.string ?? ""
    }
    self.labels = labels
  }

  var name: String { json["metadata"]?["name"]?.string ?? "" }
  var namespace: String? { json["metadata"]?["namespace"]?.string }
  var uid: String { json["metadata"]?["uid"]?.string ?? "" }
  var isBeingDeleted: Bool { json["metadata"]?["deletionTimestamp"] != nil }

  /// The same content at another version: what a watch shows of an object that went.
  func at(_ version: UInt64) -> StoredObject {
    StoredObject(json, path: path, version: version)
  }

  /// `"metadata":{…},"spec":{…}`: lists of built-in kinds show this, everything else puts
  /// `apiVersion` and `kind` before it.
  func tailBytes() -> [UInt8] {
    tail.withLock { cached in
      if let cached { return cached }
      let bytes = Self.tailBytes(of: json)
      cached = bytes
      return bytes
    }
  }

  static func tailBytes(of json: JSONValue) -> [UInt8] {
    var object = json.object ?? [:]
    object.removeValue(forKey: "apiVersion")
    object.removeValue(forKey: "kind")
    let bytes = JSONValue.object(object).serializedBytes()
    return Array(bytes.dropFirst().dropLast())
  }

  static func path(namespace: String?, name: String) -> String {
    if let namespace, !namespace.isEmpty { "\(namespace)/\(name)" } else { name }
  }
}
