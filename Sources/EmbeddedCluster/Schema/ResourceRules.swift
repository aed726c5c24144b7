import JSON
import KubernetesAPI

/// What the rules of a kind need from outside.
struct RulesContext {
  /// RFC 3339, whole seconds.
  var now: String
  /// The next free address for a Service.
  var nextClusterIP: () -> String
  /// The next free port for a Service that is reachable on nodes, besides those that it has already;
  /// nil when there is none left.
  var nextNodePort: (Set<Int>) -> Int?
  /// What all Services have but the one with the given uid.
  var allocations: (String) -> ServiceAllocations
}

/// Whether an object may be stored, and in what form.
enum PrepareResult: Sendable {
  case ok(JSONValue)
  case invalid([FieldCause])
  /// There is nothing wrong with it, but the server has not got what it needs.
  case exhausted(String)
}

/// Everything a server knows of one served version of a resource, built in or custom, as pure
/// functions over JSON.
///
/// A create runs `decode`, `FieldManager.update`, then `prepareCreate`; an update the same with
/// `prepareUpdate`; an apply begins with `FieldManager.apply` and `decodeApplied`.
struct ResourceRules: Sendable {
  let gvk: GroupVersionKind
  let schema: TypeSchema
  let hasStatus: Bool
  let isCustom: Bool
  private let evaluator: (any RuleEvaluator)?
  /// Of a definition with a scale.
  private let scale: ResourceDefinition.Scale?
  /// The object before anything is set.
  let emptyObject: JSONValue

  /// Nil when the kind is not built in.
  init?(builtIn gvk: GroupVersionKind) {
    guard let schema = BuiltInSchemas.schema(for: gvk) else { return nil }
    self.gvk = gvk
    self.schema = schema
    isCustom = false
    evaluator = nil
    scale = nil
    hasStatus = schema.properties["status"] != nil
    let bare: JSONValue = ["apiVersion": .string(gvk.apiVersion), "kind": .string(gvk.kind)]
    emptyObject = (try? GoDecoding(root: gvk.kind).decode(bare, as: schema)) ?? bare
  }

  init(
    custom gvk: GroupVersionKind, schema: TypeSchema, hasStatus: Bool,
    evaluator: (any RuleEvaluator)? = nil, scale: ResourceDefinition.Scale? = nil
  ) {
    self.gvk = gvk
    self.schema = schema
    self.hasStatus = hasStatus
    self.evaluator = evaluator
    self.scale = scale
    isCustom = true
    emptyObject = ["apiVersion": .string(gvk.apiVersion), "kind": .string(gvk.kind)]
  }

  /// Paths of fields that the kind does not have; metadata's come first for custom resources.
  func unknownFields(in body: JSONValue) -> [String] {
    guard isCustom else { return schema.unknownFields(in: body) }
    let inMetadata = body["metadata"].map { metadata in
      BuiltInSchemas.objectMeta.unknownFields(in: metadata).map { "metadata.\($0)" }
    }
    var rest = body
    rest["metadata"] = nil
    return (inMetadata ?? []) + schema.unknownFields(in: rest).sorted()
  }

  /// The body as it would be stored: unknown fields dropped, defaults filled in.
  func decode(_ body: JSONValue) throws(DecodeFailure) -> JSONValue {
    guard isCustom else { return try decodeBuiltIn(body) }
    var object = try decodeMetadata(body)
    object = schema.pruned(object)
    object = schema.withoutForbiddenNulls(schema.defaulted(object))
    return object
  }

  /// As `decode`, for the outcome of a server-side apply, in which forbidden nulls are faults.
  func decodeApplied(_ object: JSONValue) throws(DecodeFailure) -> JSONValue {
    guard isCustom else { return try decodeBuiltIn(object) }
    return schema.defaulted(schema.pruned(try decodeMetadata(object)))
  }

  private func decodeBuiltIn(_ body: JSONValue) throws(DecodeFailure) -> JSONValue {
    var object = try GoDecoding(root: gvk.kind).decode(body, as: schema)
    object["apiVersion"] = .string(gvk.apiVersion)
    object["kind"] = .string(gvk.kind)
    Self.keepReset(of: body["metadata"], in: &object)
    BuiltInDefaults.apply(to: &object, gvk)
    return object
  }

  /// No managers at all are a wish that fields be owned by nobody, not a field left out.
  private static func keepReset(of metadata: JSONValue?, in object: inout JSONValue) {
    if metadata?["managedFields"] == [] { object["metadata"]?["managedFields"] = [] }
  }

  private func decodeMetadata(_ body: JSONValue) throws(DecodeFailure) -> JSONValue {
    guard let metadata = body["metadata"], !metadata.isNull else { return body }
    var object = body
    object["metadata"] = try GoDecoding(root: "ObjectMeta").decode(
      metadata, as: BuiltInSchemas.objectMeta)
    Self.keepReset(of: metadata, in: &object)
    return object
  }

  /// - Parameter otherVersions: schemas of the resource's other served versions by apiVersion.
  func fieldManager(
    subresource: String?, now: String, otherVersions: [String: TypeSchema] = [:]
  ) -> FieldManager {
    let resets: FieldManager.ResetFields =
      if !hasStatus {
        .none
      } else if subresource != "status" {
        .status
      } else if isCustom {
        .allButStatus
      } else {
        .spec(metadata: BuiltInStrategy.metadataKeptByStatus(gvk))
      }
    return FieldManager(
      schema: schema, gvk: gvk, subresource: subresource, resets: resets, now: now,
      emptyObject: emptyObject, otherVersions: otherVersions)
  }

  /// The object as it is stored first, or why it is refused.
  ///
  /// The system fields (uid, creationTimestamp, name, namespace) must be set.
  func prepareCreate(_ object: JSONValue, _ context: RulesContext) -> PrepareResult {
    var object = object
    var causes = MetadataValidation.create(object, gvk, isCustom: isCustom)
    if isCustom {
      if hasStatus { object["status"] = nil }
      object["metadata"]?["generation"] = 1
      causes += validateCustom(object, old: nil, after: causes)
    } else {
      BuiltInStrategy.prepareCreate(&object, gvk, emptyObject, context)
      causes += BuiltInValidation.create(object, gvk)
      causes += allocationCauses(object, old: nil, after: causes, context)
    }
    return result(object, causes)
  }

  /// The object that replaces the old one, or why it is refused.
  ///
  /// - Parameter subresource: nil, `status` or `scale`.
  func prepareUpdate(
    old: JSONValue, new: JSONValue, subresource: String?, _ context: RulesContext
  ) -> PrepareResult {
    var object = new
    if isCustom {
      prepareCustomUpdate(&object, old, subresource)
    } else {
      BuiltInStrategy.prepareUpdate(&object, old, gvk, subresource, context)
    }
    var causes = MetadataValidation.update(old: old, new: object, gvk, isCustom: isCustom)
    if isCustom {
      causes += validateCustom(object, old: old, after: causes)
    } else {
      causes += BuiltInValidation.update(old: old, new: object, gvk, subresource)
      causes += allocationCauses(object, old: old, after: causes, context)
    }
    return result(object, causes)
  }

  private func result(_ object: JSONValue, _ causes: [FieldCause]) -> PrepareResult {
    guard causes.isEmpty else { return .invalid(causes) }
    if isService, let shortage = ServiceAllocation.shortage(object["spec"] ?? [:]) {
      return .exhausted(shortage)
    }
    return .ok(object)
  }

  private var isService: Bool { gvk.kind == "Service" && gvk.group.isEmpty }

  /// Only what is valid has something allocated.
  private func allocationCauses(
    _ object: JSONValue, old: JSONValue?, after others: [FieldCause], _ context: RulesContext
  ) -> [FieldCause] {
    guard isService, others.isEmpty else { return [] }
    return ServiceAllocation.causes(object, old: old, context)
  }

  private func prepareCustomUpdate(
    _ object: inout JSONValue, _ old: JSONValue, _ subresource: String?
  ) {
    if hasStatus {
      if subresource == "status" {
        // Only the status, and the ownership of it, is taken over.
        let (status, managed) = (object["status"], object[path: "metadata", "managedFields"])
        object = old
        object["status"] = status
        object["metadata", default: [:]]["managedFields"] = managed
        return
      }
      object["status"] = old["status"]
    }
    var (a, b) = (object, old)
    for key in ["metadata"] + (hasStatus ? ["status"] : []) {
      a[key] = nil
      b[key] = nil
    }
    let generation = old[path: "metadata", "generation"]?.int ?? 0
    object["metadata", default: [:]]["generation"] = JSONValue(a == b ? generation : generation + 1)
  }

  private func validateCustom(
    _ object: JSONValue, old: JSONValue?, after others: [FieldCause]
  ) -> [FieldCause] {
    var causes: [FieldCause] = []
    for (key, wanted) in [("kind", gvk.kind), ("apiVersion", gvk.apiVersion)]
    where object[key]?.string != wanted {
      causes.append(.invalid(key, (object[key] ?? "").serialized(), "must be \(wanted)"))
    }
    if !causes.isEmpty { return causes }
    return schema.validate(
      object, old: old, rules: evaluator,
      isBlocked: others.contains { FieldCause.blocking.contains($0.reason) })
      + scaleCauses(object)
  }

  /// Whatever the schema allows, there are never fewer than no replicas.
  private func scaleCauses(_ object: JSONValue) -> [FieldCause] {
    guard let scale else { return [] }
    return [(scale.specReplicas, scale.specText), (scale.statusReplicas, scale.statusText)]
      .compactMap { path, text in
        let value = path.reduce(Optional(object)) { $0?[$1] }
        guard let count = value?.int, count < 0 else { return nil }
        return .invalid(text, String(count), "should be a non-negative integer")
      }
  }
}
