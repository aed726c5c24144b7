import JSON
import KubernetesAPI

/// create.
extension APIServer {
  func create(_ call: ResourceCall) throws(StatusError) -> Reply {
    let options = try WriteOptions(call.query, kind: "CreateOptions")
    var body = try decodeBody(call, options.fieldValidation)
    body.warnings += DuplicateOwners.removed(from: &body.object, when: "")
    if let review = try review(call, body.object, manager: call.manager(options)) {
      return Reply(code: 201, content: .other(review), warnings: body.warnings)
    }
    let name = body.object["metadata"]?["name"]?.string ?? ""
    try checkNamespace(of: body.object, call.namespace)
    do {
      try checkEscalation(body.object, old: nil, call)
      let created = try insert(
        body.object, call.definition, namespace: call.namespace, name: name,
        manager: call.manager(options), isDryRun: options.isDryRun)
      return Reply(
        code: 201, content: .object(created), warnings: body.warnings)
    } catch {
      var error = error
      error.warnings = body.warnings + error.warnings
      throw error
    }
  }

  func checkNamespace(of object: JSONValue, _ namespace: String?) throws(StatusError) {
    let own = object["metadata"]?["namespace"]?.string ?? ""
    guard !own.isEmpty, own != namespace ?? "" else { return }
    throw StatusError.badRequest(
      "the namespace of the provided object does not match the namespace sent on the request")
  }

  /// Completes, validates and stores a decoded object.
  ///
  /// - Parameter manager: becomes the owner of what is set; nil when the object's managedFields are
  ///   complete, as after an apply.
  func insert(
    _ decoded: JSONValue, _ definition: ResourceDefinition, namespace: String?, name: String,
    manager: String?, isDryRun: Bool
  ) throws(StatusError) -> JSONValue {
    guard let rules = definition.rules else { throw StatusError.methodNotAllowed }
    let now = now
    var object = decoded
    let version = object["metadata"]?["resourceVersion"]?.string ?? ""
    if manager != nil, !version.isEmpty {
      throw StatusError.unexplained("resourceVersion should not be set on objects to be created")
    }
    if object["metadata"]?.object == nil { object["metadata"] = [:] }
    object["metadata"]?["resourceVersion"] = nil
    let prefix = object["metadata"]?["generateName"]?.string ?? ""
    var name = name
    let isGenerated = name.isEmpty && !prefix.isEmpty
    if isGenerated { name = prefix + identifiers.nameSuffix() }
    try checkNamespaceExists(definition, namespace, name)
    try checkAcceptsNewObjects(definition)
    if let manager {
      object =
        definition.fieldManager(subresource: nil, now: now)?
        .update(old: nil, new: object, manager: manager) ?? object
    }
    if !name.isEmpty { object["metadata"]?["name"] = .string(name) }
    if definition.type.isNamespaced, let namespace {
      object["metadata"]?["namespace"] = .string(namespace)
    } else {
      object["metadata"]?["namespace"] = nil
    }
    for key in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
      object["metadata"]?[key] = nil
    }
    object["metadata"]?["uid"] = .string(identifiers.uid())
    object["metadata"]?["creationTimestamp"] = .string(now)
    switch rules.prepareCreate(object, rulesContext()) {
    case .ok(let prepared):
      object = prepared
      let causes = definitionCauses(object, old: nil, definition)
      if !causes.isEmpty {
        throw StatusError.invalid(kind: definition.errorKind(of: object), name: name, causes)
      }
    case .invalid(let causes):
      throw StatusError.invalid(kind: definition.errorKind(of: object), name: name, causes)
    case .exhausted(let why): throw StatusError.internalError(why)
    }
    let path = StoredObject.path(
      namespace: definition.type.isNamespaced ? namespace : nil, name: name)
    let key = definition.storageKey
    guard store.get(key, path) == nil else { throw StatusError.alreadyExists(definition, name) }
    if isDryRun { return object }
    switch store.commit(key, path: path, expected: nil, definition.storageForm(object)) {
    case .done(let new, _):
      let stored = new?.json ?? object
      didWrite(definition, path: path)
      return definition.presented(stored)
    case .overtaken: throw StatusError.alreadyExists(definition, name)
    case .closed: throw StatusError.resourceNotFound
    }
  }

  func definitionCauses(
    _ object: JSONValue, old: JSONValue?, _ definition: ResourceDefinition
  ) -> [FieldCause] {
    guard definition.storageKey == CustomResourceDefinitions.storageKey else { return [] }
    return CustomResourceDefinitionValidation.causes(object, old: old, evaluator: evaluator)
  }

  /// The NamespaceLifecycle admission plug-in.
  private func checkNamespaceExists(
    _ definition: ResourceDefinition, _ namespace: String?, _ name: String
  ) throws(StatusError) {
    guard definition.type.isNamespaced, let namespace else { return }
    guard let found = store.get("namespaces", namespace) else {
      throw StatusError(
        404, "NotFound", "namespaces \"\(namespace)\" not found",
        details: ["name": .string(namespace), "kind": "namespaces"])
    }
    guard found.isBeingDeleted else { return }
    var details = definition.details(name: name)
    details["causes"] = [
      [
        "reason": "NamespaceTerminating",
        "message": .string("namespace \(namespace) is being terminated"),
        "field": "metadata.namespace",
      ]
    ]
    throw StatusError(
      403, "Forbidden",
      "\(definition.qualifiedName) \"\(name)\" is forbidden: unable to create new content in namespace \(namespace) because it is being terminated",
      details: details)
  }

  /// A definition that is being deleted serves its objects, but takes no new ones.
  private func checkAcceptsNewObjects(_ definition: ResourceDefinition) throws(StatusError) {
    guard definition.isCustom,
      let stored = store.get(CustomResourceDefinitions.storageKey, definition.qualifiedName),
      stored.isBeingDeleted
    else { return }
    throw StatusError(
      405, "MethodNotAllowed",
      "create not allowed while custom resource definition is terminating",
      details: ["group": .string(definition.type.group), "kind": .string(definition.type.plural)])
  }
}
