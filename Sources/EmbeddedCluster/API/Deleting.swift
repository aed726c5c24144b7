import JSON
import KubernetesAPI
import KubernetesClient

/// delete and deletecollection: marks, grace, propagation and preconditions.
extension APIServer {
  /// The options of a delete, from its body or its query.
  struct DeleteOptions {
    enum Propagation { case background, foreground, orphan }

    var propagation: Propagation?
    var gracePeriodSeconds: Int?
    var uid: String?
    var resourceVersion: String?
    var isDryRun = false
  }

  func delete(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    let options = try deleteOptions(call)
    return try delete(call.definition, path: call.path(of: name), name: name, options)
  }

  func deleteCollection(_ call: ResourceCall) throws(StatusError) -> Reply {
    let options = try deleteOptions(call)
    let listOptions = try ListOptions(call.query, isWatch: false, definition: call.definition)
    let list = try list(call, listOptions)
    for object in list.objects {
      do throws(StatusError) {
        _ = try delete(call.definition, path: object.path, name: object.name, options)
      } catch {
        // Somebody else was faster.
        guard error.code == 404 else { throw error }
      }
    }
    return Reply(content: .list(ListResult(objects: list.objects, version: list.version)))
  }

  func deleteOptions(_ call: ResourceCall) throws(StatusError) -> DeleteOptions {
    guard let body = call.request.body, !body.isEmpty else {
      return try deleteOptions([:], call.query)
    }
    let kind = "DeleteOptions"
    let json = try Self.parseBody(call, kind)
    if let other = json["kind"]?.string, !other.isEmpty, other != kind {
      throw StatusError.badRequest(
        "no kind \"\(other)\" is registered for version \"\(json["apiVersion"]?.string ?? "")\" in scheme \"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\""
      )
    }
    guard !json.isNull else { return try deleteOptions([:], call.query) }
    do {
      _ = try GoDecoding(root: kind).decode(
        json, as: BuiltInSchemas.definition(kind) ?? .anything)
    } catch {
      throw StatusError.badRequest(error.message)
    }
    return try deleteOptions(json, call.query)
  }

  func deleteOptions(_ json: JSONValue, _ query: RequestQuery) throws(StatusError) -> DeleteOptions
  {
    var options = DeleteOptions()
    var causes: [StatusError.Cause] = []
    let dryRun = (json["dryRun"]?.array?.compactMap(\.string) ?? []) + query.all("dryRun")
    if dryRun.allSatisfy({ $0 == "All" }) {
      options.isDryRun = !dryRun.isEmpty
    } else {
      causes.append(WriteOptions.unsupportedDryRun(dryRun))
    }
    let grace = try query.integer("gracePeriodSeconds")
    options.gracePeriodSeconds = json["gracePeriodSeconds"]?.int ?? grace
    options.uid = json["preconditions"]?["uid"]?.string
    options.resourceVersion = json["preconditions"]?["resourceVersion"]?.string
    let policy = json["propagationPolicy"]?.string ?? query["propagationPolicy"]
    let orphans = json["orphanDependents"]?.bool ?? query.flag("orphanDependents")
    if let policy, orphans != nil {
      causes.append(
        .init(
          "FieldValueInvalid", "propagationPolicy",
          "Invalid value: \"\(policy)\": orphanDependents and deletionPropagation cannot be both set"
        ))
    }
    switch policy {
    case nil: options.propagation = orphans.map { $0 ? .orphan : .background }
    case "Background": options.propagation = .background
    case "Foreground": options.propagation = .foreground
    case "Orphan": options.propagation = .orphan
    case let other?:
      causes.append(
        .init(
          "FieldValueNotSupported", "propagationPolicy",
          "Unsupported value: \"\(other)\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
        ))
    }
    if !causes.isEmpty { throw StatusError.invalidOption("DeleteOptions", causes) }
    return options
  }

  func delete(
    _ definition: ResourceDefinition, path: String, name: String, _ options: DeleteOptions
  ) throws(StatusError) -> Reply {
    while true {
      guard let existing = store.get(definition.storageKey, path) else {
        throw StatusError.notFound(definition, name)
      }
      try checkPreconditions(
        options, uid: existing.uid, version: String(existing.version), definition, name)
      var object = definition.presented(existing.json)
      let grace = Self.gracePeriod(of: object, definition, options)
      let isHeld = mark(&object, definition, options, grace: grace)
      // Why: a bare nil would be JSON's null.
      let replacement = isHeld ? definition.storageForm(object) : JSONValue?.none
      let reply = Self.deleted(object, definition, isHeld: isHeld)
      if options.isDryRun || (isHeld && object == definition.presented(existing.json)) {
        return reply
      }
      switch store.commit(definition.storageKey, path: path, expected: existing, replacement) {
      case .done(let new, _):
        didWrite(definition, path: path)
        guard let new else { return reply }
        return Reply(content: .object(definition.presented(new.json)))
      case .overtaken: continue
      case .closed: throw StatusError.notFound(definition, name)
      }
    }
  }

  private static func deleted(
    _ object: JSONValue, _ definition: ResourceDefinition, isHeld: Bool
  ) -> Reply {
    if isHeld || definition.returnsDeletedObject { return Reply(content: .object(object)) }
    let metadata = object["metadata"]
    var details = definition.details(name: metadata?["name"]?.string ?? "")
    details["uid"] = metadata?["uid"]
    return Reply(
      content: .other([
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
        "details": details,
      ]))
  }

  /// - Parameters:
  ///   - uid: the object's own.
  ///   - version: the object's own.
  func checkPreconditions(
    _ options: DeleteOptions, uid: String, version: String, _ definition: ResourceDefinition,
    _ name: String
  ) throws(StatusError) {
    func refuse(_ why: String) -> StatusError {
      var details: JSONObject = ["name": .string(name)]
      if !definition.type.group.isEmpty { details["group"] = .string(definition.type.group) }
      details["kind"] = .string(definition.type.kind)
      let kind = definition.type.groupKind
      return StatusError(
        409, "Conflict", "Operation cannot be fulfilled on \(kind) \"\(name)\": \(why)",
        details: .object(details))
    }
    if let wanted = options.uid, wanted != uid {
      throw refuse(
        "the UID in the precondition (\(wanted)) does not match the UID in record (\(uid)). The object might have been deleted and then recreated"
      )
    }
    if let wanted = options.resourceVersion, wanted != version {
      throw refuse(
        "the ResourceVersion in the precondition (\(wanted)) does not match the ResourceVersion in record (\(version)). The object might have been modified"
      )
    }
  }

  /// Seconds an object stays after its deletion was asked for; nil for kinds without grace.
  private static func gracePeriod(
    of object: JSONValue, _ definition: ResourceDefinition, _ options: DeleteOptions
  ) -> Int? {
    guard definition.storageKey == "pods" else { return nil }
    let spec = object["spec"]
    let phase = object["status"]?["phase"]?.string ?? ""
    // Only a node can stop containers: a pod without one, or a finished one, goes at once.
    if (spec?["nodeName"]?.string ?? "").isEmpty || ["Succeeded", "Failed"].contains(phase) {
      return 0
    }
    let wanted = options.gracePeriodSeconds ?? spec?["terminationGracePeriodSeconds"]?.int ?? 30
    return max(0, wanted)
  }

  /// Sets the marks of a deletion; returns whether something holds the object.
  private func mark(
    _ object: inout JSONValue, _ definition: ResourceDefinition, _ options: DeleteOptions,
    grace: Int?
  ) -> Bool {
    let wasMarked = object["metadata"]?["deletionTimestamp"] != nil
    Self.setPropagation(&object, options)
    if definition.storageKey == "namespaces" { return markNamespace(&object, wasMarked) }
    if definition.storageKey == CustomResourceDefinitions.storageKey {
      if !wasMarked { CustomResourceDefinitions.markTerminating(&object, now: now) }
      return !(object["metadata"]?["finalizers"]?.array?.isEmpty ?? true)
    }
    let hasFinalizers = !(object["metadata"]?["finalizers"]?.array?.isEmpty ?? true)
    if wasMarked {
      guard let grace, let current = object["metadata"]?["deletionGracePeriodSeconds"]?.int else {
        return hasFinalizers
      }
      guard let wanted = options.gracePeriodSeconds, grace < current, wanted < current else {
        return hasFinalizers || current > 0
      }
      object["metadata"]?["deletionGracePeriodSeconds"] = JSONValue(grace)
      return hasFinalizers || grace > 0
    }
    let isHeld = hasFinalizers || (grace ?? 0) > 0
    if isHeld || grace != nil {
      let time = KubernetesTime(unixMicroseconds: clock.now() + Int64(grace ?? 0) * 1_000_000)
      object["metadata"]?["deletionTimestamp"] = .string(time.secondsText)
      object["metadata"]?["deletionGracePeriodSeconds"] = JSONValue(grace ?? 0)
      if let generation = object["metadata"]?["generation"]?.int, generation > 0 {
        object["metadata"]?["generation"] = JSONValue(generation + 1)
      }
    }
    return isHeld
  }

  private func markNamespace(_ object: inout JSONValue, _ wasMarked: Bool) -> Bool {
    if !wasMarked { object["metadata"]?["deletionTimestamp"] = .string(now) }
    object["status"] = object["status"] ?? [:]
    object["status"]?["phase"] = "Terminating"
    return !Self.isReleased(object)
  }

  /// Foreground and Orphan hold the object by a finalizer until the garbage collector is done.
  private static func setPropagation(_ object: inout JSONValue, _ options: DeleteOptions) {
    guard let propagation = options.propagation else { return }
    let old = object["metadata"]?["finalizers"]?.array?.compactMap(\.string) ?? []
    var finalizers = old.filter { $0 != "orphan" && $0 != "foregroundDeletion" }
    switch propagation {
    case .background: break
    case .foreground: finalizers.append("foregroundDeletion")
    case .orphan: finalizers.append("orphan")
    }
    guard Set(finalizers) != Set(old) else { return }
    object["metadata"]?["finalizers"] =
      finalizers.isEmpty ? JSONValue?.none : JSONValue(finalizers)
  }
}
