import JSON
import KubernetesAPI

/// update, and what all changes of an existing object have in common.
extension APIServer {
  func replace(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    let options = try WriteOptions(call.query, kind: "UpdateOptions")
    var body = try decodeBody(call, options.fieldValidation)
    body.warnings += DuplicateOwners.removed(from: &body.object, when: "")
    let object = body.object
    let metadata = body.object["metadata"]
    let own = metadata?["name"]?.string ?? ""
    guard !own.isEmpty else {
      throw call.definition.isCustom
        ? StatusError.badRequest("name must be provided") : StatusError.nameUndeterminable(name)
    }
    let manager = call.manager(options)
    let canCreate = call.definition.isCreatedByUpdate && call.subresource == nil
    func isThere() -> Bool {
      store.get(call.definition.storageKey, call.path(of: name)) != nil
    }
    while true {
      if canCreate, !isThere() {
        do throws(StatusError) {
          return try createReplacing(call, name, body, options)
        } catch {
          // Somebody else has created it meanwhile. No other refusal goes away: not the 404 of a
          // namespace, nor that of a role that a binding names.
          guard error.reason == "AlreadyExists", isThere() else { throw error }
        }
      }
      do throws(StatusError) {
        return try change(
          call, name, options, warnings: body.warnings, isReplacement: true
        ) { _ in .owned(object, by: manager) }
      } catch {
        // Somebody else has deleted it meanwhile.
        guard canCreate, error.code == 404, !isThere() else { throw error }
      }
    }
  }

  /// A PUT to a name that nothing has.
  private func createReplacing(
    _ call: ResourceCall, _ name: String, _ body: Body, _ options: WriteOptions
  ) throws(StatusError) -> Reply {
    let definition = call.definition
    var object = body.object
    if let uid = object["metadata"]?["uid"]?.string, !uid.isEmpty {
      throw StatusError.uidConflict(definition, call.path(of: name), name, wanted: uid, found: "")
    }
    object["metadata"]?["resourceVersion"] = nil
    try checkIdentity(of: object, name, call)
    try authorizeCreation(call, name)
    try checkEscalation(object, old: nil, call)
    let created = try insert(
      object, definition, namespace: call.namespace, name: name, manager: call.manager(options),
      isDryRun: options.isDryRun)
    return Reply(code: 201, content: .object(created), warnings: body.warnings)
  }

  /// Creating by an update or an apply takes the right to create, too.
  func authorizeCreation(_ call: ResourceCall, _ name: String) throws(StatusError) {
    guard access.isEnforced else { return }
    let type = call.definition.type
    try access.authorize(
      call.user,
      RequestAttributes(
        verb: "create", group: type.group, resource: type.plural,
        namespace: call.namespace ?? "", name: name))
  }

  /// What a change makes of the live object.
  enum Changed {
    /// Its managedFields have yet to be brought up to date for this manager.
    case owned(JSONValue, by: String)
    /// Its managedFields are complete.
    case complete(JSONValue)
  }

  /// Reads, changes, validates and stores an object, again if somebody else was faster.
  ///
  /// - Parameter produce: gets the live object as the asked version shows it.
  func change(
    _ call: ResourceCall, _ name: String, _ options: WriteOptions, warnings: [String] = [],
    isReplacement: Bool = false,
    produce: (JSONValue) throws(StatusError) -> Changed
  ) throws(StatusError) -> Reply {
    let definition = call.definition
    guard let rules = definition.rules else { throw StatusError.methodNotAllowed }
    let path = call.path(of: name)
    while true {
      guard let existing = store.get(definition.storageKey, path) else {
        throw StatusError.notFound(definition, name)
      }
      let live = definition.presented(existing.json)
      let now = now
      let changed = try produce(live)
      var object: JSONValue
      switch changed {
      case .owned(let new, _), .complete(let new): object = new
      }
      try checkIdentity(
        object, name: name, call: call, existing: existing, isReplacement: isReplacement)
      Self.keepSystemFields(of: live, in: &object)
      if case .owned(_, let manager) = changed {
        object =
          definition.fieldManager(subresource: call.subresource, now: now)?
          .update(old: live, new: object, manager: manager) ?? object
      }
      try checkEscalation(object, old: live, call)
      switch rules.prepareUpdate(
        old: live, new: object, subresource: call.subresource, rulesContext())
      {
      case .ok(let prepared):
        object = FieldManager.keepingTimes(old: live, new: prepared)
        let causes = definitionCauses(object, old: live, definition)
        if !causes.isEmpty {
          throw StatusError.invalid(kind: definition.errorKind(of: object), name: name, causes)
        }
      case .invalid(let causes):
        var error = StatusError.invalid(kind: definition.errorKind(of: object), name: name, causes)
        error.warnings = warnings
        throw error
      case .exhausted(let why): throw StatusError.internalError(why)
      }
      if object == live || options.isDryRun {
        return Reply(content: .object(object), warnings: warnings)
      }
      let isReleased = existing.isBeingDeleted && Self.isReleased(object)
      // Why: a bare nil would be JSON's null.
      let replacement = isReleased ? JSONValue?.none : definition.storageForm(object)
      switch store.commit(
        definition.storageKey, path: path, expected: existing, replacement)
      {
      case .done(let new, _):
        didWrite(definition, path: path)
        // Why: the last version that was stored is answered when the object goes with this change.
        return Reply(
          content: .object(new.map { definition.presented($0.json) } ?? object),
          warnings: warnings)
      case .overtaken: continue
      case .closed: throw StatusError.resourceNotFound
      }
    }
  }

  func checkIdentity(
    of object: JSONValue, _ name: String, _ call: ResourceCall
  ) throws(StatusError) {
    if let own = object["metadata"]?["name"]?.string, !own.isEmpty, own != name {
      throw StatusError.badRequest(
        "the name of the object (\(own)) does not match the name on the URL (\(name))")
    }
    try checkNamespace(of: object, call.namespace)
  }

  private func checkIdentity(
    _ object: JSONValue, name: String, call: ResourceCall, existing: StoredObject,
    isReplacement: Bool
  ) throws(StatusError) {
    let definition = call.definition
    let metadata = object["metadata"]
    try checkIdentity(of: object, name, call)
    if isReplacement, let uid = metadata?["uid"]?.string, !uid.isEmpty, uid != existing.uid {
      throw StatusError.uidConflict(
        definition, existing.path, name, wanted: uid, found: existing.uid)
    }
    let text = metadata?["resourceVersion"]?.string ?? ""
    guard !text.isEmpty, text != "0" else {
      guard isReplacement, !definition.allowsUnconditionalUpdate else { return }
      throw StatusError.invalid(
        kind: GroupKind(group: definition.type.group, kind: definition.type.plural), name: name,
        [
          .init(
            "FieldValueInvalid", "metadata.resourceVersion",
            "Invalid value: 0: must be specified for an update")
        ])
    }
    guard let version = UInt64(text) else {
      throw StatusError.unexplained("strconv.ParseUint: parsing \"\(text)\": invalid syntax")
    }
    if version != existing.version { throw StatusError.conflict(definition, name) }
  }

  /// Fields that only the server sets; what a client sends in them does not count.
  private static func keepSystemFields(of live: JSONValue, in object: inout JSONValue) {
    let old = live["metadata"]
    if object["metadata"]?.object == nil { object["metadata"] = [:] }
    for key in [
      "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
      "selfLink", "generation",
    ] {
      object["metadata"]?[key] = old?[key]
    }
    for key in ["uid", "name", "namespace", "generateName"]
    where (object["metadata"]?[key]?.string ?? "").isEmpty {
      object["metadata"]?[key] = old?[key]
    }
  }

  /// Whether nothing holds an object any more that is being deleted.
  static func isReleased(_ object: JSONValue) -> Bool {
    let metadata = object["metadata"]
    guard metadata?["finalizers"]?.array?.isEmpty ?? true,
      metadata?["deletionGracePeriodSeconds"]?.int ?? 0 == 0
    else { return false }
    guard object["kind"] == "Namespace" else { return true }
    return object["spec"]?["finalizers"]?.array?.isEmpty ?? true
  }
}
