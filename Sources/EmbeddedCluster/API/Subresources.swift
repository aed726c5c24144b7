import JSON
import KubernetesAPI
import KubernetesClient

/// scale, and the subresources of pods.
extension APIServer {
  func scale(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    guard let object = store.get(call.definition.storageKey, call.path(of: name)) else {
      throw StatusError.notFound(call.definition, name)
    }
    let scale = try Self.scale(of: call.definition.presented(object.json), call.definition)
    return Reply(content: .other(scale))
  }

  /// - Parameter missing: shown for a custom resource that does not say how many it wants; without
  ///   it such a resource has no scale.
  private static func scale(
    of object: JSONValue, _ definition: ResourceDefinition, missing: Int? = nil
  ) throws(StatusError) -> JSONValue {
    guard let paths = definition.scale else { throw StatusError.resourceNotFound }
    let metadata = object["metadata"]
    var shown: JSONObject = [:]
    for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
      if let value = metadata?[key] { shown[key] = value }
    }
    let replicas = value(at: paths.specReplicas, in: object) ?? missing.map { JSONValue($0) }
    if replicas == nil, definition.isCustom {
      throw StatusError.internalError(
        "the spec replicas field \"\(paths.specText)\" does not exist")
    }
    var spec: JSONObject = [:]
    if let replicas, replicas != 0 { spec["replicas"] = replicas }
    var status: JSONObject = ["replicas": value(at: paths.statusReplicas, in: object) ?? 0]
    let selector: String? =
      if let path = paths.labelSelector {
        value(at: path, in: object)?.string
      } else {
        object["spec"]?["selector"].flatMap { try? LabelSelector($0) }?.description
      }
    if let selector, !selector.isEmpty { status["selector"] = .string(selector) }
    return [
      "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": .object(shown),
      "spec": .object(spec), "status": .object(status),
    ]
  }

  private static func value(at path: [String], in object: JSONValue) -> JSONValue? {
    path.reduce(Optional(object)) { $0?[$1] }
  }

  private static let scaleDefinition: ResourceDefinition = {
    let type = ResourceType(group: "autoscaling", version: "v1", plural: "scales", kind: "Scale")
    return ResourceDefinition(
      type: type, singular: "scale", verbs: [], rules: ResourceRules(builtIn: type.gvk))
  }()

  /// Stands for replicas that were never set, so that a patch may replace them.
  private static let unsetReplicas = Int(Int32.min)

  func changeScale(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    let definition = call.definition
    guard let paths = definition.scale else { throw StatusError.resourceNotFound }
    let options = try WriteOptions(
      call.query, kind: call.method == "PUT" ? "UpdateOptions" : "PatchOptions")
    let body =
      switch (call.method, call.contentType) {
      case ("PUT", _): try replacingScale(call, name)
      case (_, "application/apply-patch+yaml"): try appliedScale(call, options)
      default: try Self.parseJSON(call.request.body ?? []) { "error decoding patch: \($0)" }.0
      }
    var parent = call
    parent.subresource = nil
    let reply = try change(parent, name, options) { live throws(StatusError) in
      let owners = live["metadata"]?["managedFields"]
      var old = try Self.scale(of: live, definition, missing: Self.unsetReplicas)
      old["metadata"]?["managedFields"] = FieldManager.ownersOfScale(
        owners, replicasPath: paths.specReplicas)
      let new = try self.changedScale(old, body, call, options)
      try self.checkIdentity(ofScale: new, parent: live, call, name)
      let replicas = new["spec"]?["replicas"]?.int ?? 0
      if replicas == Self.unsetReplicas {
        throw StatusError.badRequest(
          "the spec replicas field \"\(paths.specText)\" cannot be empty")
      }
      try Self.checkReplicas(replicas, definition, name)
      if let version = new["metadata"]?["resourceVersion"]?.string, !version.isEmpty,
        version != live["metadata"]?["resourceVersion"]?.string
      {
        throw StatusError.conflict(definition, name)
      }
      var object = live
      Self.set(JSONValue(replicas), at: paths.specReplicas, in: &object)
      object["metadata"]?["managedFields"] = FieldManager.ownersOfParent(
        owners, scale: new["metadata"]?["managedFields"], replicasPath: paths.specReplicas,
        apiVersion: definition.gvk.apiVersion)
      return .complete(object)
    }
    guard case .object(let object) = reply.content else { return reply }
    return Reply(content: .other(try Self.scale(of: object, definition)))
  }

  /// The Scale that a PUT sends.
  private func replacingScale(
    _ call: ResourceCall, _ name: String
  ) throws(StatusError) -> JSONValue {
    let body = try decodedBody(call, Self.scaleDefinition.gvk)
    let own = body["metadata"]?["name"]?.string ?? ""
    guard !own.isEmpty else { throw StatusError.nameUndeterminable(name) }
    try checkIdentity(of: body, name, call)
    return body
  }

  /// A Scale has its parent's name and uid.
  private func checkIdentity(
    ofScale scale: JSONValue, parent: JSONValue, _ call: ResourceCall, _ name: String
  ) throws(StatusError) {
    try checkIdentity(of: scale, name, call)
    let found = parent["metadata"]?["uid"]?.string ?? ""
    guard let uid = scale["metadata"]?["uid"]?.string, !uid.isEmpty, uid != found else { return }
    throw StatusError.uidConflict(
      call.definition, call.path(of: name), name, wanted: uid, found: found)
  }

  /// The Scale that an apply sends.
  private func appliedScale(
    _ call: ResourceCall, _ options: WriteOptions
  ) throws(StatusError) -> JSONValue {
    try Self.checkApplier(options)
    let body = try YAMLBodies.json(fromYAML: call.request.body ?? [])
    guard call.definition.isCustom else { return body }
    // What a real server answers whose scales of custom resources cannot be applied.
    throw StatusError.unexplained(
      "failed to create manager for existing fields: failed to convert live object (/; autoscaling/v1, Kind=Scale) to proper version: request to convert CR to an invalid group/version: autoscaling/v1"
    )
  }

  /// The Scale after the request, with its owners brought up to date.
  private func changedScale(
    _ old: JSONValue, _ body: JSONValue, _ call: ResourceCall, _ options: WriteOptions
  ) throws(StatusError) -> JSONValue {
    let definition = Self.scaleDefinition
    guard let fields = definition.fieldManager(subresource: "scale", now: now) else { return body }
    let patched: JSONValue
    switch (call.method, call.contentType) {
    case ("PUT", _): patched = body
    case (_, "application/apply-patch+yaml"):
      do {
        patched = try fields.apply(
          live: old, applied: body, manager: call.manager(options), force: options.force ?? false)
      } catch {
        throw StatusError(applying: error)
      }
      return try decodeApplyResult(patched, definition)
    case (_, "application/json-patch+json"): patched = try PatchForms.json(body, to: old)
    case (_, "application/strategic-merge-patch+json"):
      patched = try PatchForms.strategic(body, to: old, definition)
    default: patched = try PatchForms.merge(body, to: old)
    }
    if call.method != "PUT", call.contentType != "application/strategic-merge-patch+json" {
      try checkKind(ofPatched: patched, definition)
    }
    let new = try decodePatched(patched, body, definition, options.fieldValidation, []).object
    return fields.update(old: old, new: new, manager: call.manager(options))
  }

  private static func checkReplicas(
    _ count: Int, _ definition: ResourceDefinition, _ name: String
  ) throws(StatusError) {
    guard count < 0, !definition.isCustom else { return }
    throw StatusError.invalid(
      kind: GroupKind(group: "autoscaling", kind: "Scale"), name: name,
      [
        .init(
          "FieldValueInvalid", "spec.replicas",
          "Invalid value: \(count): must be greater than or equal to 0")
      ])
  }

  private static func set(_ value: JSONValue, at path: [String], in object: inout JSONValue) {
    guard let key = path.first else {
      object = value
      return
    }
    var child = object[key] ?? [:]
    set(value, at: Array(path.dropFirst()), in: &child)
    object[key] = child
  }

  // MARK: Pods

  func bind(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    let json = try decodedBody(
      call, GroupVersionKind(group: "", version: "v1", kind: "Binding"))
    let options = try WriteOptions(call.query, kind: "CreateOptions")
    var parent = call
    parent.subresource = "binding"
    _ = try change(parent, name, options) { live throws(StatusError) in
      let node = live["spec"]?["nodeName"]?.string ?? ""
      guard node.isEmpty else {
        throw StatusError(
          409, "Conflict",
          "Operation cannot be fulfilled on pods/binding \"\(name)\": pod \(name) is already assigned to node \"\(node)\"",
          details: ["name": .string(name), "kind": "pods/binding"])
      }
      var object = live
      object["spec"]?["nodeName"] = json["target"]?["name"]
      return .complete(object)
    }
    return .success
  }

  func log(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    guard store.get("pods", call.path(of: name)) != nil else {
      throw StatusError.notFound(call.definition, name)
    }
    return Reply(
      content: .text("(simulated cluster of agent-operator: no containers run, so none log)\n"))
  }
}
