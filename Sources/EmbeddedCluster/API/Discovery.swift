import JSON
import KubernetesAPI
import KubernetesClient

/// Everything that is not a resource: discovery, version, health, OpenAPI.
extension APIServer {
  /// Nil when the path may be a resource.
  func nonResourceAnswer(
    _ request: APIRequest, _ path: [String]
  ) throws(StatusError) -> APIResponse? {
    let accept = ResourceCall.header("accept", of: request)
    let registry = registry
    let first = path.first ?? ""
    switch first {
    case "api", "apis": break
    case "healthz", "livez", "readyz":
      guard path.count == 1 || path == [first, "ping"] else { throw StatusError.pathNotFound }
      return Self.text("ok")
    case "version":
      guard path.count == 1 else { throw StatusError.pathNotFound }
      return Self.json(Self.version)
    case "simulation":
      // What only a simulated cluster offers: its operator's hands, for tests over HTTP.
      guard path == ["simulation", "compact"], request.method == "POST" else {
        throw StatusError.pathNotFound
      }
      store.compact()
      return Self.text("ok")
    case "openapi":
      return try openAPI(Array(path.dropFirst()), registry)
    case "":
      return Self.json([
        "paths": ["/api", "/apis", "/healthz", "/openapi/v2", "/openapi/v3", "/version"]
      ])
    default: throw StatusError.pathNotFound
    }
    let isAggregated = ResponseFormat.wantsAggregatedDiscovery(accept: accept)
    switch (first, path.count) {
    case ("api", 1):
      if isAggregated { return Self.aggregated(registry, groups: [""]) }
      return Self.json(DiscoveryDocuments.versions())
    case ("apis", 1):
      let names = registry.groups.map(\.name).filter { !$0.isEmpty }
      if isAggregated { return Self.aggregated(registry, groups: names) }
      return Self.json(DiscoveryDocuments.groupList(registry))
    case ("apis", 2):
      guard let group = registry.group(path[1]), !group.name.isEmpty else {
        throw StatusError.pathNotFound
      }
      return Self.json(DiscoveryDocuments.group(group, standalone: true))
    case ("api", 2): return try resources("", path[1], registry)
    case ("apis", 3): return try resources(path[1], path[2], registry)
    default: return nil
    }
  }

  private func resources(
    _ name: String, _ version: String, _ registry: ResourceRegistry
  ) throws(StatusError) -> APIResponse {
    guard let group = registry.group(name) else { throw StatusError.pathNotFound }
    guard group.versions.contains(version) else {
      throw group.isCustom ? StatusError.pathNotFound : StatusError.resourceNotFound
    }
    return Self.json(DiscoveryDocuments.resourceList(registry, group: name, version: version))
  }

  private static func aggregated(_ registry: ResourceRegistry, groups: [String]) -> APIResponse {
    json(
      DiscoveryDocuments.aggregated(registry, groups: groups),
      contentType: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
  }

  /// Shows in every field that is free for it that this is a simulation.
  private static let version: JSONValue = [
    "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36",
    "minCompatibilityMajor": "1", "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2+embedded", "gitCommit": "", "gitTreeState": "simulated",
    "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "swift",
    "platform": "linux/embedded",
  ]

  static func json(_ json: JSONValue, contentType: String = "application/json") -> APIResponse {
    APIResponse(
      status: 200, headers: [("server", serverHeader), ("content-type", contentType)],
      body: json.serializedBytes())
  }

  private static func text(_ text: String) -> APIResponse {
    APIResponse(
      status: 200,
      headers: [
        ("server", serverHeader), ("content-type", "text/plain; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
      ], body: Array(text.utf8))
  }

  // MARK: OpenAPI

  private func openAPI(
    _ path: [String], _ registry: ResourceRegistry
  ) throws(StatusError) -> APIResponse {
    if path == ["v2"] { return Self.json(openAPIV2(registry)) }
    guard path.first == "v3" else { throw StatusError.pathNotFound }
    if path.count == 1 {
      let versions = registry.groups.flatMap { group in
        group.versions.map { group.name.isEmpty ? $0 : "\(group.name)/\($0)" }
      }
      var paths: JSONObject = [:]
      for version in versions {
        let name = (version.contains("/") ? "apis/" : "api/") + version
        let hash = Self.hash(of: version, registry)
        paths[name] = ["serverRelativeURL": .string("/openapi/v3/\(name)?hash=\(hash)")]
      }
      return Self.json(["paths": .object(paths)], contentType: "text/plain; charset=utf-8")
    }
    let isCore = path[1] == "api"
    let group = isCore ? "" : path.count > 2 ? path[2] : ""
    guard path.count == (isCore ? 3 : 4), let version = path.last,
      registry.group(group)?.versions.contains(version) == true
    else {
      // Go's HTTP handler answers these without a body or a type.
      return APIResponse(status: 404, headers: [("server", Self.serverHeader)], body: [])
    }
    return Self.json(Self.openAPI(group: group, version: version, registry))
  }

  private static func openAPI(
    group: String, version: String, _ registry: ResourceRegistry
  ) -> JSONValue {
    OpenAPIDocuments.document(
      group: group, version: version,
      registry.resources(group: group, version: version).map { definition in
        OpenAPIDocuments.Resource(
          type: definition.type, schema: definition.rules?.schema, verbs: definition.verbs,
          subresources: definition.subresources.map(\.name), isCustom: definition.isCustom)
      })
  }

  /// All definitions in one document, in JSON only, for tools that know nothing newer.
  private func openAPIV2(_ registry: ResourceRegistry) -> JSONValue {
    var definitions: JSONObject = [:]
    for group in registry.groups {
      for version in group.versions {
        let document = Self.openAPI(group: group.name, version: version, registry)
        for (name, schema) in document["components"]?["schemas"]?.object ?? [:] {
          definitions[name] = Self.withV2References(schema)
        }
      }
    }
    return [
      "swagger": "2.0", "info": ["title": "Kubernetes", "version": "v1.36.2"], "paths": [:],
      "definitions": .object(definitions),
    ]
  }

  private static func withV2References(_ schema: JSONValue) -> JSONValue {
    switch schema {
    case .object(var object):
      if let reference = object["$ref"]?.string {
        let name = reference.replacing("#/components/schemas/", with: "#/definitions/")
        object["$ref"] = .string(name)
      }
      return .object(object.mapValues(withV2References))
    case .array(let values): return .array(values.map(withV2References))
    default: return schema
    }
  }

  /// Changes when what the group version serves does, so that clients may cache by it.
  private static func hash(of groupVersion: String, _ registry: ResourceRegistry) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    let gvk = GroupVersionKind(apiVersion: groupVersion, kind: "")
    for definition in registry.resources(group: gvk.group, version: gvk.version) {
      let identity = UInt(bitPattern: ObjectIdentifier(definition).hashValue)
      for byte in "\(definition.type.plural)\(definition.isCustom ? identity : 0)".utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
      }
    }
    return String(hash, radix: 16)
  }
}
