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

  private static func scale(
    of object: JSONValue, _ definition: ResourceDefinition
  ) throws(StatusError) -> JSONValue {
    guard let paths = definition.scale else { throw StatusError.resourceNotFound }
    let metadata = object["metadata"]
    var shown: JSONObject = [:]
    for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
      if let value = metadata?[key] { shown[key] = value }
    }
    let replicas = value(at: paths.specReplicas, in: object)
    if replicas == nil, definition.isCustom {
      throw StatusError.internalError(
        "the spec replicas field \".\(paths.specReplicas.joined(separator: "."))\" does not exist")
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

  func changeScale(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    let definition = call.definition
    guard let paths = definition.scale else { throw StatusError.resourceNotFound }
    let options = try WriteOptions(
      call.query, kind: call.method == "PUT" ? "UpdateOptions" : "PatchOptions")
    let body = try Self.parseBody(call, "Scale")
    let type = call.contentType
    let manager = call.manager(options)
    var parent = call
    parent.subresource = nil
    let reply = try changeParent(parent, name, options) { live throws(StatusError) in
      let old = try Self.scale(of: live, definition)
      var new: JSONValue
      switch (call.method, type) {
      case ("PUT", _): new = body
      case (_, "application/json-patch+json"): new = try PatchForms.json(body, to: old)
      default: new = try PatchForms.merge(body, to: old)
      }
      let replicas = new["spec"]?["replicas"] ?? 0
      try Self.checkReplicas(replicas, live, definition, name)
      if let version = new["metadata"]?["resourceVersion"], version != "",
        version != live["metadata"]?["resourceVersion"]
      {
        throw StatusError.conflict(definition, name)
      }
      var object = live
      Self.set(replicas, at: paths.specReplicas, in: &object)
      if object != live {
        object["metadata"]?["managedFields"] = FieldManager.scaled(
          live["metadata"]?["managedFields"], replicasPath: paths.specReplicas,
          apiVersion: definition.gvk.apiVersion, manager: manager)
      }
      return .complete(object)
    }
    guard case .object(let object) = reply.content else { return reply }
    return Reply(content: .other(try Self.scale(of: object, definition)))
  }

  /// Adds what the scale itself finds wrong with replicas of a custom resource.
  private func changeParent(
    _ call: ResourceCall, _ name: String, _ options: WriteOptions,
    produce: (JSONValue) throws(StatusError) -> Changed
  ) throws(StatusError) -> Reply {
    var wanted: Int?
    do throws(StatusError) {
      return try change(call, name, options) { live throws(StatusError) in
        let changed = try produce(live)
        if case .complete(let object) = changed, let paths = call.definition.scale {
          wanted = Self.value(at: paths.specReplicas, in: object)?.int
        }
        return changed
      }
    } catch {
      guard call.definition.isCustom, error.code == 422, let wanted, wanted < 0,
        let paths = call.definition.scale
      else { throw error }
      let causes = (error.details?["causes"]?.array ?? []).map {
        FieldCause(
          $0["reason"]?.string ?? "", $0["field"]?.string ?? "", $0["message"]?.string ?? "")
      }
      let own = FieldCause(
        "FieldValueInvalid", "." + paths.specReplicas.joined(separator: "."),
        "Invalid value: \(wanted): should be a non-negative integer")
      throw StatusError.invalid(kind: call.definition.errorKind, name: name, causes + [own])
    }
  }

  private static func checkReplicas(
    _ replicas: JSONValue, _ live: JSONValue, _ definition: ResourceDefinition, _ name: String
  ) throws(StatusError) {
    guard let count = replicas.int else {
      throw StatusError.badRequest(
        "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal \(replicas.typeName) into Go struct field ScaleSpec.spec.replicas of type int32"
      )
    }
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

  /// Deletes the pod; disruption budgets do not hold simulated pods.
  func evict(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    let json = try Self.parseBody(call, "Eviction")
    let options = try deleteOptions(json["deleteOptions"] ?? [:], call.query)
    _ = try delete(call.definition, path: call.path(of: name), name: name, options)
    return Reply(
      code: 201,
      content: .other(["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"]))
  }

  func bind(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    let json = try Self.parseBody(call, "Binding")
    let options = try WriteOptions(call.query, kind: "CreateOptions")
    var parent = call
    parent.subresource = "binding"
    _ = try change(parent, name, options) { live throws(StatusError) in
      guard (live["spec"]?["nodeName"]?.string ?? "").isEmpty else {
        throw StatusError.conflict(
          call.definition, name, "pod \(name) is already assigned to a node")
      }
      var object = live
      object["spec"]?["nodeName"] = json["target"]?["name"]
      return .complete(object)
    }
    return Reply(
      code: 201,
      content: .other(["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"]))
  }

  func log(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    guard store.get("pods", call.path(of: name)) != nil else {
      throw StatusError.notFound(call.definition, name)
    }
    return Reply(
      content: .text("(simulated cluster of agent-operator: no containers run, so none log)\n"))
  }
}
