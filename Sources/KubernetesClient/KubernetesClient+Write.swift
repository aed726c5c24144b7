public import JSON
public import KubernetesAPI

/// A change to one object.
public enum Patch: Sendable, Hashable {
  /// RFC 6902: an array of operations. With a `test` first it is atomic.
  case json(JSONValue)
  /// RFC 7386: null removes a member, arrays are replaced.
  case merge(JSONValue)
  /// Kubernetes' own, for built-in kinds: lists merge by their keys.
  case strategic(JSONValue)

  var contentType: String {
    switch self {
    case .json: "application/json-patch+json"
    case .merge: "application/merge-patch+json"
    case .strategic: "application/strategic-merge-patch+json"
    }
  }

  var body: JSONValue {
    switch self {
    case .json(let body), .merge(let body), .strategic(let body): body
    }
  }
}

extension KubernetesClient {
  /// Creates the object; 409 AlreadyExists when there is one of its name.
  public func create(
    _ object: KubernetesObject, resource: ResourceType, fieldManager: String? = nil,
    dryRun: Bool = false, fieldValidation: FieldValidation? = nil
  ) async throws -> KubernetesObject {
    let namespace = resource.isNamespaced ? object.namespace ?? "default" : nil
    let json = try await sendJSON(
      "POST", try resource.collectionPath(namespace: namespace),
      query: Self.query(fieldManager, dryRun, fieldValidation), body: object.json,
      omitting: omitted())
    return resource.object(json)
  }

  /// Server-side apply: afterwards the object has the given fields, owned by `fieldManager`, and no
  /// longer those that it owned before and that are not given now. Creates the object if needed.
  ///
  /// - Parameters:
  ///   - object: the fields to own and nothing else: no nulls, no status, no resourceVersion.
  ///   - force: takes fields over from other managers; without it they are a 409 Conflict whose
  ///     causes name the fields.
  public func apply(
    _ object: KubernetesObject, resource: ResourceType, fieldManager: String, force: Bool = true,
    dryRun: Bool = false, fieldValidation: FieldValidation? = nil, subresource: String? = nil
  ) async throws -> KubernetesObject {
    var query = Self.query(fieldManager, dryRun, fieldValidation)
    if force { query.append(("force", "true")) }
    let json = try await sendJSON(
      "PATCH", try resource.objectPath(object.key, subresource: subresource), query: query,
      contentType: "application/apply-patch+yaml", body: object.json, omitting: omitted())
    return resource.object(json)
  }

  /// Like `apply`; of the answer no more is read than what tells the object's version.
  public func applyForText(
    _ object: KubernetesObject, resource: ResourceType, fieldManager: String, force: Bool = true,
    subresource: String? = nil, representation: Representation = .object
  ) async throws -> ObjectText {
    var query = Self.query(fieldManager, false, nil)
    if force { query.append(("force", "true")) }
    let request = APIRequest(
      method: "PATCH", path: try resource.objectPath(object.key, subresource: subresource),
      query: query,
      headers: [
        ("accept", representation.accept(isList: false)),
        ("content-type", "application/apply-patch+yaml"),
      ],
      body: object.json.serializedBytes())
    let response = try await send(request)
    do {
      return try ObjectText(response.body[...], of: resource)
    } catch {
      throw Self.notJSON(error, request)
    }
  }

  /// Server-side apply to the status subresource.
  public func applyStatus(
    _ object: KubernetesObject, resource: ResourceType, fieldManager: String, force: Bool = true,
    dryRun: Bool = false
  ) async throws -> KubernetesObject {
    try await apply(
      object, resource: resource, fieldManager: fieldManager, force: force, dryRun: dryRun,
      subresource: "status")
  }

  /// - Parameter representation: of the answer; `metadata` keeps a Secret's values out of it.
  public func patch(
    _ resource: ResourceType, _ key: ObjectKey, _ patch: Patch, fieldManager: String? = nil,
    dryRun: Bool = false, fieldValidation: FieldValidation? = nil, subresource: String? = nil,
    representation: Representation = .object
  ) async throws -> KubernetesObject {
    let json = try await sendJSON(
      "PATCH", try resource.objectPath(key, subresource: subresource),
      query: Self.query(fieldManager, dryRun, fieldValidation),
      accept: representation.accept(isList: false), contentType: patch.contentType,
      body: patch.body, omitting: omitted())
    return subresource == nil ? resource.object(json) : KubernetesObject(json)
  }

  /// Replaces the object. With a `resourceVersion` in it, a change in between is a 409 Conflict.
  ///
  /// Nothing is sent of an object that was not read whole: see `KubernetesObject.readDepth`.
  public func update(
    _ object: KubernetesObject, resource: ResourceType, fieldManager: String? = nil,
    dryRun: Bool = false, fieldValidation: FieldValidation? = nil, subresource: String? = nil
  ) async throws -> KubernetesObject {
    guard !object.isTooDeep else {
      throw APIStatus(
        code: 400, reason: "BadRequest",
        message: "\(resource) \(object.key) is nested deeper than "
          + "\(KubernetesObject.readDepth - 1) levels, and may not have been read whole")
    }
    let json = try await sendJSON(
      "PUT", try resource.objectPath(object.key, subresource: subresource),
      query: Self.query(fieldManager, dryRun, fieldValidation), body: object.json,
      omitting: omitted())
    return subresource == nil ? resource.object(json) : KubernetesObject(json)
  }

  /// Deletes one object; 409 Conflict when the preconditions do not hold.
  ///
  /// - Returns: the object when finalizers or its grace period keep it for now, else nil.
  @discardableResult
  public func delete(
    _ resource: ResourceType, _ key: ObjectKey, preconditions: Preconditions = Preconditions(),
    propagation: DeletionPropagation = .background, gracePeriodSeconds: Int? = nil,
    dryRun: Bool = false
  ) async throws -> KubernetesObject? {
    var options: JSONValue = [
      "apiVersion": "v1", "kind": "DeleteOptions",
      "propagationPolicy": .string(propagation.rawValue),
    ]
    var conditions: JSONObject = [:]
    if let uid = preconditions.uid { conditions["uid"] = .string(uid) }
    if let version = preconditions.resourceVersion {
      conditions["resourceVersion"] = .string(version)
    }
    if !conditions.isEmpty { options["preconditions"] = .object(conditions) }
    if let gracePeriodSeconds { options["gracePeriodSeconds"] = JSONValue(gracePeriodSeconds) }
    if dryRun { options["dryRun"] = ["All"] }
    let json = try await sendJSON(
      "DELETE", try resource.objectPath(key), body: options, omitting: omitted())
    return json["kind"]?.string == "Status" ? nil : resource.object(json)
  }

  private static func query(
    _ fieldManager: String?, _ dryRun: Bool, _ fieldValidation: FieldValidation?
  ) -> [(name: String, value: String)] {
    var query: [(name: String, value: String)] = []
    if let fieldManager { query.append(("fieldManager", fieldManager)) }
    if dryRun { query.append(("dryRun", "All")) }
    if let fieldValidation { query.append(("fieldValidation", fieldValidation.rawValue)) }
    return query
  }
}
