import JSON
import KubernetesAPI
import KubernetesClient

/// watch.
extension APIServer {
  /// How long a watch lasts that says nothing about it.
  private static let defaultTimeoutSeconds = 3600

  func watch(_ call: ResourceCall, _ warnings: [String]) throws(StatusError) -> Answer {
    guard call.definition.verbs.contains("watch") else { throw StatusError.methodNotAllowed }
    var options = try ListOptions(call.query, isWatch: true, definition: call.definition)
    if let name = call.name {
      options.fieldSelector.terms.append(.init(path: "metadata.name", value: name, isEqual: true))
    }
    let progress = try progress(for: call, options)
    let definition = call.definition
    let shape = call.format.shape
    let table = TableRendering(
      definition, includeObject: call.query["includeObject"], now: clock.now())
    let session = WatchSession(
      store: store, resource: definition.storageKey, options: progress, clock: clock,
      matches: matcher(call, options)
    ) { output in
      Self.bytes(of: output, definition, shape, table)
    }
    let head = APIResponse(
      status: 200,
      headers: [
        ("server", Self.serverHeader), ("cache-control", "no-cache, private"),
        ("content-type", "application/json"),
      ] + Self.warningHeaders(warnings), body: [])
    return .watch(head, session)
  }

  private func progress(
    for call: ResourceCall, _ options: ListOptions
  ) throws(StatusError) -> WatchProgress.Options {
    let now = clock.now()
    let seconds = options.timeoutSeconds.map { max(0, $0) } ?? Self.defaultTimeoutSeconds
    var progress = WatchProgress.Options(
      position: 0, allowsBookmarks: options.allowsBookmarks,
      bookmarkInterval: bookmarkInterval, start: now,
      end: now + Int64(min(seconds, 86_400)) * 1_000_000)
    let text = options.resourceVersion
    let version = text.isEmpty ? 0 : try Self.version(text)
    let wantsInitial = options.sendInitialEvents ?? (version == 0)
    if wantsInitial || version == 0 {
      let snapshot = newest(call, floor: version)
      progress.position = max(snapshot.version, version)
      if wantsInitial { progress.initial = snapshot.objects }
      // Why: the real server marks the end also for a watch at version 0 that did not ask for it.
      progress.marksInitialEnd =
        wantsInitial && options.allowsBookmarks
        && !(text.isEmpty && options.sendInitialEvents == nil)
    } else {
      progress.position = version
    }
    return progress
  }

  private static func bytes(
    of output: WatchProgress.Output, _ definition: ResourceDefinition,
    _ shape: ResponseFormat.Shape, _ table: TableRendering
  ) -> [UInt8] {
    switch output {
    case .added(let object): return bytes("ADDED", object, definition, shape, table)
    case .modified(let object): return bytes("MODIFIED", object, definition, shape, table)
    case .deleted(let object): return bytes("DELETED", object, definition, shape, table)
    case .bookmark(let version, let isInitialEnd):
      let object = bookmark(definition, version: version, isInitialEnd: isInitialEnd, shape)
      return line("BOOKMARK", object.serializedBytes())
    case .expired(let position, let oldest):
      let error = StatusError(
        410, "Expired", "too old resource version: \(position) (\(oldest))")
      return line("ERROR", error.json.serializedBytes())
    }
  }

  private static func bytes(
    _ type: String, _ object: StoredObject, _ definition: ResourceDefinition,
    _ shape: ResponseFormat.Shape, _ table: TableRendering
  ) -> [UInt8] {
    switch shape {
    case .full: return line(type, definition.bytes(of: object))
    case .metadata, .metadataList:
      return line(type, MetadataOnly.object(object.json).serializedBytes())
    case .table:
      let json = table.table(
        [definition.presented(object.json)],
        metadata: ["resourceVersion": .string(String(object.version))])
      return line(type, json.serializedBytes())
    }
  }

  private static func line(_ type: String, _ object: [UInt8]) -> [UInt8] {
    var bytes = Array("{\"type\":\"\(type)\",\"object\":".utf8)
    bytes.append(contentsOf: object)
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  private static func bookmark(
    _ definition: ResourceDefinition, version: UInt64, isInitialEnd: Bool,
    _ shape: ResponseFormat.Shape
  ) -> JSONValue {
    var metadata: JSONObject = ["resourceVersion": .string(String(version))]
    if isInitialEnd { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
    switch shape {
    case .full, .table:
      var object: JSONObject = [
        "kind": .string(definition.type.kind), "apiVersion": .string(definition.type.apiVersion),
        "metadata": .object(metadata),
      ]
      for (key, value) in ZeroObjects.members(of: definition) { object[key] = value }
      return .object(object)
    case .metadata, .metadataList:
      return MetadataOnly.object(["metadata": .object(metadata)])
    }
  }
}

/// What an empty object of a built-in kind looks like when its Go type is written as JSON: fields
/// without omitempty are there. Bookmarks are such objects.
enum ZeroObjects {
  static func members(of definition: ResourceDefinition) -> JSONObject {
    guard !definition.isCustom else { return [:] }
    let template: JSONValue = ["metadata": [:], "spec": ["containers": nil]]
    switch (definition.type.group, definition.type.plural) {
    case ("apps", "deployments"):
      return [
        "spec": ["replicas": 0, "selector": nil, "template": template, "strategy": [:]],
        "status": [:],
      ]
    case ("apps", "replicasets"):
      return ["spec": ["selector": nil, "template": template], "status": ["replicas": 0]]
    case ("apps", "statefulsets"):
      return [
        "spec": [
          "replicas": 0, "selector": nil, "template": template, "serviceName": "",
          "updateStrategy": [:],
        ], "status": ["replicas": 0, "availableReplicas": 0],
      ]
    case ("", "pods"): return ["spec": ["containers": nil], "status": [:]]
    case ("", "services"): return ["spec": [:], "status": ["loadBalancer": [:]]]
    case ("", "namespaces"), ("", "nodes"): return ["spec": [:], "status": [:]]
    default: return [:]
    }
  }
}
