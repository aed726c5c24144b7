import JSON
import KubernetesAPI
import KubernetesClient

/// patch in its four forms.
extension APIServer {
  func patch(_ call: ResourceCall, _ name: String) throws(StatusError) -> Reply {
    let definition = call.definition
    let accepted =
      definition.isCustom
      ? "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
      : "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml"
    let options = try WriteOptions(call.query, kind: "PatchOptions")
    let type = call.contentType
    if type == "application/apply-patch+yaml" { return try apply(call, name, options) }
    let bytes = call.request.body ?? []
    switch type {
    case "application/json-patch+json", "application/merge-patch+json": break
    case "application/strategic-merge-patch+json" where !definition.isCustom: break
    case "application/strategic-merge-patch+json":
      throw StatusError(
        415, "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: \(accepted)"
      )
    default:
      throw StatusError(
        415, "UnsupportedMediaType", "415: Unsupported Media Type", details: [:])
    }
    if options.force != nil {
      throw StatusError.invalidOption(
        "PatchOptions",
        [
          .init(
            "FieldValueForbidden", "force", "Forbidden: may not be specified for non-apply patch")
        ])
    }
    let (patch, duplicates) = try Self.parseJSON(bytes) { "error decoding patch: \($0)" }
    let manager = call.manager(options)
    var warnings: [String] = []
    var reply = try change(call, name, options) { live throws(StatusError) in
      let patched = try Self.apply(patch, type, to: live, definition)
      if type != "application/strategic-merge-patch+json" {
        try self.checkKind(ofPatched: patched, definition)
      }
      var body = try self.decodePatched(
        patched, patch, definition, options.fieldValidation, duplicates)
      body.warnings += DuplicateOwners.removed(
        from: &body.object, when: " after mutating admission happens")
      warnings = body.warnings
      return .owned(body.object, by: manager)
    }
    reply.warnings = warnings + reply.warnings
    return reply
  }

  private static func apply(
    _ patch: JSONValue, _ type: String, to live: JSONValue, _ definition: ResourceDefinition
  ) throws(StatusError) -> JSONValue {
    switch type {
    case "application/json-patch+json": return try PatchForms.json(patch, to: live)
    case "application/merge-patch+json": return try PatchForms.merge(patch, to: live)
    default: return try PatchForms.strategic(patch, to: live, definition)
    }
  }

  /// A built-in object stays of its kind; a definition's own validation says so of its objects.
  func checkKind(
    ofPatched patched: JSONValue, _ definition: ResourceDefinition
  ) throws(StatusError) {
    func text(_ key: String, _ absent: String) -> String {
      let text = patched[key]?.string ?? ""
      return text.isEmpty ? absent : text
    }
    let found = GroupVersionKind(
      apiVersion: text("apiVersion", definition.gvk.apiVersion),
      kind: text("kind", definition.gvk.kind))
    guard !definition.isCustom, found != definition.gvk else { return }
    throw StatusError.invalidPatch(
      JSONValue.string(patched.serialized()).serialized(),
      conversionFault(from: found, to: definition.gvk))
  }

  /// A patched object that is none any more is the patch's fault: 422 at `patch`.
  func decodePatched(
    _ patched: JSONValue, _ patch: JSONValue, _ definition: ResourceDefinition,
    _ validation: WriteOptions.FieldValidation, _ duplicates: [String]
  ) throws(StatusError) -> Body {
    do {
      return try decode(patched, definition, validation, duplicates)
    } catch {
      let prefix =
        "\(definition.gvk.kind) in version \"\(definition.gvk.version)\" cannot be handled as a \(definition.gvk.kind): "
      let why =
        error.message.hasPrefix(prefix)
        ? String(error.message.dropFirst(prefix.count)) : error.message
      let shown = why.hasPrefix("strict") ? GoText.map(patch) : patch.serialized()
      let value = why.hasPrefix("strict") ? "\"\(shown)\"" : shown
      throw StatusError.invalidPatch(value, why)
    }
  }

  // MARK: Server-side apply

  /// Who applies must say who he is.
  static func checkApplier(_ options: WriteOptions) throws(StatusError) {
    guard (options.fieldManager ?? "").isEmpty else { return }
    throw StatusError.invalidOption(
      "PatchOptions",
      [
        .init(
          "FieldValueRequired", "fieldManager", "Required value: is required for apply patch")
      ])
  }

  private func apply(
    _ call: ResourceCall, _ name: String, _ options: WriteOptions
  ) throws(StatusError) -> Reply {
    let definition = call.definition
    try Self.checkApplier(options)
    let manager = call.manager(options)
    let applied = try decodeApplied(call, name)
    while true {
      if store.get(definition.storageKey, call.path(of: name)) == nil {
        guard call.subresource == nil else { throw StatusError.notFound(definition, name) }
        try authorizeCreation(call, name)
        return try create(applied, call, name, manager, options)
      }
      do throws(StatusError) {
        return try change(call, name, options) { live throws(StatusError) in
          try self.checkVersion(applied, live, definition, name)
          let merged = try self.merged(
            live: live, applied, definition, manager, call.subresource, options)
          return .complete(try self.decodeApplyResult(merged, definition))
        }
      } catch {
        // Deleted since it was looked at: apply creates it.
        guard error.code == 404, call.subresource == nil,
          store.get(definition.storageKey, call.path(of: name)) == nil
        else { throw error }
      }
    }
  }

  private func create(
    _ applied: JSONValue, _ call: ResourceCall, _ name: String, _ manager: String,
    _ options: WriteOptions
  ) throws(StatusError) -> Reply {
    var applied = applied
    applied["metadata"]?["resourceVersion"] = nil
    if let uid = applied["metadata"]?["uid"]?.string, !uid.isEmpty {
      throw StatusError.conflict(
        call.definition, name,
        "uid mismatch: the provided object specified uid \(uid), and no existing object was found")
    }
    if (applied["metadata"]?["name"]?.string ?? "").isEmpty {
      throw StatusError.nameUndeterminable(name)
    }
    let merged = try merged(live: nil, applied, call.definition, manager, nil, options)
    let decoded = try decodeApplyResult(merged, call.definition)
    try checkEscalation(decoded, old: nil, call)
    let object = try insert(
      decoded, call.definition, namespace: call.namespace, name: name, manager: nil,
      isDryRun: options.isDryRun)
    return Reply(code: 201, content: .object(object))
  }

  private func decodeApplied(_ call: ResourceCall, _ name: String) throws(StatusError) -> JSONValue
  {
    let json = try YAMLBodies.json(fromYAML: call.request.body ?? [])
    guard json.object != nil else {
      throw StatusError.badRequest("error decoding YAML: expected an object, got \(json.typeName)")
    }
    let gvk = GroupVersionKind(
      apiVersion: json["apiVersion"]?.string ?? "", kind: json["kind"]?.string ?? "")
    if gvk != call.definition.gvk {
      let text = gvk.group.isEmpty ? "/\(gvk.version)" : gvk.apiVersion
      throw StatusError.badRequest("invalid object type: \(text), Kind=\(gvk.kind)")
    }
    let metadata = json["metadata"]
    if metadata?["managedFields"]?.array?.isEmpty == false {
      throw StatusError.badRequest("metadata.managedFields must be nil")
    }
    if let own = metadata?["name"]?.string, !own.isEmpty, own != name {
      throw StatusError.badRequest(
        "the name of the object (\(own)) does not match the name on the URL (\(name))")
    }
    try checkNamespace(of: json, call.namespace)
    return json
  }

  private func checkVersion(
    _ applied: JSONValue, _ live: JSONValue, _ definition: ResourceDefinition, _ name: String
  ) throws(StatusError) {
    let wanted = applied["metadata"]?["resourceVersion"]?.string ?? ""
    if !wanted.isEmpty, wanted != live["metadata"]?["resourceVersion"]?.string {
      throw StatusError.conflict(definition, name)
    }
  }

  private func merged(
    live: JSONValue?, _ applied: JSONValue, _ definition: ResourceDefinition, _ manager: String,
    _ subresource: String?, _ options: WriteOptions
  ) throws(StatusError) -> JSONValue {
    do {
      guard let fields = definition.fieldManager(subresource: subresource, now: now) else {
        return applied
      }
      return try fields.apply(
        live: live, applied: applied, manager: manager, force: options.force ?? false)
    } catch {
      throw StatusError(applying: error)
    }
  }

  /// Brings the merged object into the form that is stored.
  func decodeApplyResult(
    _ merged: JSONValue, _ definition: ResourceDefinition
  ) throws(StatusError) -> JSONValue {
    guard let rules = definition.rules else { return merged }
    do {
      return try rules.decodeApplied(merged)
    } catch {
      let metadata = merged["metadata"]
      let gvk = definition.gvk
      let version = gvk.group.isEmpty ? "/\(gvk.version)" : gvk.apiVersion
      let place =
        "\(metadata?["namespace"]?.string ?? "")/\(metadata?["name"]?.string ?? ""); \(version), Kind=\(gvk.kind)"
      throw StatusError.unexplained(
        "failed to convert new object (\(place)) to proper version: unable to convert unstructured object to \(version), Kind=\(gvk.kind): \(error.message)"
      )
    }
  }
}

/// Values as Go's `%v` shows them, for messages that carry such text.
enum GoText {
  static func map(_ value: JSONValue) -> String {
    switch value {
    case .object(let object):
      "map["
        + object.sortedByKey().map { "\($0.key):\(map($0.value))" }.joined(separator: " ") + "]"
    case .array(let values): "[" + values.map(map).joined(separator: " ") + "]"
    case .string(let text): text
    case .null: "<nil>"
    default: value.serialized()
    }
  }
}
