import JSON
public import KubernetesAPI

extension KubernetesClient {
  /// Asks the server for all resources that it offers: two requests by aggregated discovery, or one
  /// for each group version on servers without it.
  ///
  /// A group that does not answer is listed in `unavailable` and does not fail the call.
  public func discover() async throws -> DiscoveredResources {
    var all = DiscoveredResources()
    for path in ["/api", "/apis"] {
      let json = try await sendJSON("GET", path, accept: Self.discoveryForms)
      if json["kind"]?.string == "APIGroupDiscoveryList" {
        all.addAggregated(json)
      } else {
        try await discoverLegacy(json, path, into: &all)
      }
    }
    return all
  }

  /// The resources of one group version; 404 when it is not served.
  public func discover(group: String, version: String) async throws -> [DiscoveredResource] {
    let path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    let json = try await sendJSON("GET", path)
    return DiscoveredResources.resources(inList: json, group: group, version: version)
  }

  /// Newest form first; plain JSON is what servers before 1.26 answer.
  private static let discoveryForms =
    ["v2", "v2beta1"].map {
      "application/json;g=apidiscovery.k8s.io;v=\($0);as=APIGroupDiscoveryList,"
    }.joined() + "application/json"

  private func discoverLegacy(
    _ json: JSONValue, _ path: String, into all: inout DiscoveredResources
  ) async throws {
    var groupVersions: [(group: String, version: String)] = []
    if path == "/api" {
      groupVersions = json["versions"]?.array?.compactMap(\.string).map { ("", $0) } ?? []
    }
    for group in json["groups"]?.array ?? [] {
      let name = group["name"]?.string ?? ""
      let preferred = group[path: "preferredVersion", "version"]?.string
      let versions = group["versions"]?.array?.compactMap { $0["version"]?.string } ?? []
      let ordered = versions.filter { $0 == preferred } + versions.filter { $0 != preferred }
      groupVersions += ordered.map { (name, $0) }
    }
    for (group, version) in groupVersions {
      do {
        all.resources += try await discover(group: group, version: version)
      } catch let status as APIStatus where status.code == 404 || status.code >= 500 {
        all.unavailable[group.isEmpty ? version : "\(group)/\(version)"] = status.description
      }
    }
  }
}

extension DiscoveredResources {
  mutating func addAggregated(_ json: JSONValue) {
    for group in json["items"]?.array ?? [] {
      let name = group[path: "metadata", "name"]?.string ?? ""
      for version in group["versions"]?.array ?? [] {
        guard let versionName = version["version"]?.string else { continue }
        if version["freshness"]?.string == "Stale" {
          unavailable[name.isEmpty ? versionName : "\(name)/\(versionName)"] =
            "the server that offers it does not answer; its resources may be outdated"
        }
        resources +=
          version["resources"]?.array?.compactMap {
            Self.aggregatedResource($0, name, versionName)
          } ?? []
      }
    }
  }

  private static func aggregatedResource(_ json: JSONValue, _ group: String, _ version: String)
    -> DiscoveredResource?
  {
    guard let plural = json["resource"]?.string,
      let kind = json[path: "responseKind", "kind"]?.string, !kind.isEmpty
    else { return nil }
    return DiscoveredResource(
      type: ResourceType(
        group: group, version: version, plural: plural, kind: kind,
        isNamespaced: json["scope"]?.string == "Namespaced"),
      singular: json["singularResource"]?.string ?? "", shortNames: texts(json["shortNames"]),
      verbs: texts(json["verbs"]), categories: texts(json["categories"]),
      subresources: json["subresources"]?.array?.compactMap { $0["subresource"]?.string } ?? [])
  }

  /// Reads an `APIResourceList`, in which subresources stand beside their resource.
  static func resources(inList json: JSONValue, group: String, version: String)
    -> [DiscoveredResource]
  {
    let entries = json["resources"]?.array ?? []
    var subresources: [String: [String]] = [:]
    for entry in entries {
      let parts = (entry["name"]?.string ?? "").split(separator: "/", maxSplits: 1)
      if parts.count == 2 { subresources[String(parts[0]), default: []].append(String(parts[1])) }
    }
    return entries.compactMap { entry in
      guard let plural = entry["name"]?.string, !plural.contains("/"),
        let kind = entry["kind"]?.string
      else { return nil }
      return DiscoveredResource(
        type: ResourceType(
          group: group, version: version, plural: plural, kind: kind,
          isNamespaced: entry["namespaced"]?.bool ?? false),
        singular: entry["singularName"]?.string ?? "", shortNames: texts(entry["shortNames"]),
        verbs: texts(entry["verbs"]), categories: texts(entry["categories"]),
        subresources: subresources[plural] ?? [])
    }
  }

  private static func texts(_ json: JSONValue?) -> [String] {
    json?.array?.compactMap(\.string) ?? []
  }
}

/// The last discovery, shared by many readers and renewed on demand.
public actor DiscoveryCache {
  private let client: KubernetesClient
  private var known: DiscoveredResources?
  private var refreshing: Task<DiscoveredResources, any Error>?

  public init(client: KubernetesClient) { self.client = client }

  /// What is known, asking the server the first time.
  public func resources() async throws -> DiscoveredResources {
    if let known { return known }
    return try await refresh()
  }

  /// Asks the server; callers at the same time share one discovery. Keeps the old answer on failure.
  @discardableResult
  public func refresh() async throws -> DiscoveredResources {
    if let refreshing { return try await refreshing.value }
    let client = client
    let task = Task { try await client.discover() }
    refreshing = task
    defer { refreshing = nil }
    let found = try await task.value
    known = found
    return found
  }

  /// The kind's resource; asks the server again when it is not among what is known.
  public func resource(for kind: GroupKind) async throws -> DiscoveredResource? {
    if let found = try await resources().resource(for: kind) { return found }
    return try await refresh().resource(for: kind)
  }
}
