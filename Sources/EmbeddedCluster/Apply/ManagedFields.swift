import JSON
import KubernetesAPI

/// `metadata.managedFields`: who owns which fields of an object.
struct ManagedFields: Sendable, Hashable {
  enum Operation: String, Sendable { case apply = "Apply", update = "Update" }

  /// What tells two entries apart. An applier keeps its entry when it moves to another version.
  struct Identity: Sendable, Hashable {
    var manager: String
    var operation: Operation
    var subresource: String?
    /// Only for updates.
    var apiVersion: String?

    init(manager: String, operation: Operation, apiVersion: String, subresource: String?) {
      self.manager = manager
      self.operation = operation
      self.subresource = subresource
      self.apiVersion = operation == .update ? apiVersion : nil
    }

    /// The same writer in another version.
    func with(_ apiVersion: String) -> Identity {
      var other = self
      if operation == .update { other.apiVersion = apiVersion }
      return other
    }

    /// As in conflict messages.
    var text: String {
      var text = JSONValue.string(manager).serialized()
      if let subresource { text += " with subresource \"\(subresource)\"" }
      if let apiVersion { text += " using \(apiVersion)" }
      return text
    }
  }

  struct Entry: Sendable, Hashable {
    var apiVersion: String
    var set: FieldSet
    /// RFC 3339; nil on an entry that never changed the object.
    var time: String?
  }

  var entries: [Identity: Entry] = [:]

  init() {}

  /// Nil when the list is malformed.
  init?(_ json: JSONValue?) {
    guard let json, !json.isNull else { return }
    guard let array = json.array else { return nil }
    for item in array {
      guard let operation = item["operation"]?.string.flatMap(Operation.init(rawValue:)),
        let apiVersion = item["apiVersion"]?.string, !apiVersion.isEmpty,
        item["fieldsType"]?.string == "FieldsV1",
        let set = FieldSet(fieldsV1: item["fieldsV1"] ?? [:])
      else { return nil }
      let subresource = item["subresource"]?.string
      let identity = Identity(
        manager: item["manager"]?.string ?? "", operation: operation, apiVersion: apiVersion,
        subresource: subresource?.isEmpty == true ? nil : subresource)
      entries[identity] = Entry(
        apiVersion: apiVersion, set: set, time: item["time"]?.string)
    }
  }

  var isEmpty: Bool { entries.isEmpty }

  /// Ordered by operation, time and manager, as a server writes them; nil when there are none.
  var json: JSONValue? {
    guard !entries.isEmpty else { return nil }
    let sorted = entries.sorted { a, b in
      if a.key.operation != b.key.operation {
        return a.key.operation.rawValue < b.key.operation.rawValue
      }
      if a.value.time != b.value.time { return (a.value.time ?? "") < (b.value.time ?? "") }
      if a.key.manager != b.key.manager { return a.key.manager < b.key.manager }
      if a.value.apiVersion != b.value.apiVersion {
        return a.value.apiVersion < b.value.apiVersion
      }
      return (a.key.subresource ?? "") < (b.key.subresource ?? "")
    }
    return .array(
      sorted.map { identity, entry in
        var object: JSONObject = [
          "manager": .string(identity.manager),
          "operation": .string(identity.operation.rawValue),
          "apiVersion": .string(entry.apiVersion),
        ]
        if let time = entry.time { object["time"] = .string(time) }
        object["fieldsType"] = "FieldsV1"
        object["fieldsV1"] = entry.set.fieldsV1
        if let subresource = identity.subresource { object["subresource"] = .string(subresource) }
        return .object(object)
      })
  }

  /// Whether a client asks to forget all owners: `[]`, or one empty entry.
  static func isReset(_ json: JSONValue?) -> Bool {
    guard let array = json?.array else { return false }
    return array.isEmpty || array.count == 1 && (array[0].object?.isEmpty ?? array[0].isNull)
  }

  /// At most so many managers that update are told apart; the oldest are joined.
  static let maximumUpdateManagers = 10

  /// Joins the oldest updating managers of each version into `ancient-changes`.
  mutating func capUpdateManagers() {
    let updates = entries.filter { $0.key.operation == .update }
    var excess = updates.count - Self.maximumUpdateManagers
    guard excess > 0 else { return }
    excess += 1  // the joined entry counts too
    let oldest = updates.sorted {
      ($0.value.time ?? "", $0.key.manager) < ($1.value.time ?? "", $1.key.manager)
    }
    for (identity, entry) in oldest.prefix(excess) {
      entries[identity] = nil
      let joined = Identity(
        manager: "ancient-changes", operation: .update, apiVersion: entry.apiVersion,
        subresource: nil)
      var target =
        entries[joined] ?? Entry(apiVersion: entry.apiVersion, set: FieldSet(), time: nil)
      target.set = target.set.union(entry.set)
      target.time = max(target.time ?? "", entry.time ?? "")
      if target.time == "" { target.time = nil }
      entries[joined] = target
    }
  }
}

/// Why a server-side apply was refused.
enum ApplyError: Error, Sendable, Hashable {
  /// 409: others own fields that the apply would change; one cause for each field.
  case conflicts(message: String, causes: [FieldCause])
  /// 500 without a reason: the body does not fit the schema.
  case typed(String)
  /// 400.
  case badRequest(String)
}
