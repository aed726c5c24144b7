import JSON
import KubernetesAPI

/// The documents from which clients learn what is served, in both forms
/// (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api).
enum DiscoveryDocuments {
  static func versions() -> JSONValue {
    [
      "kind": "APIVersions", "versions": ["v1"],
      "serverAddressByClientCIDRs": [
        ["clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"]
      ],
    ]
  }

  static func groupList(_ registry: ResourceRegistry) -> JSONValue {
    let groups = registry.groups.filter { !$0.name.isEmpty }.map { group($0, standalone: false) }
    return ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups)]
  }

  static func group(_ group: ResourceRegistry.Group, standalone: Bool) -> JSONValue {
    let versions = group.versions.map { version -> JSONValue in
      ["groupVersion": .string("\(group.name)/\(version)"), "version": .string(version)]
    }
    var json: JSONObject = [:]
    if standalone { json = ["kind": "APIGroup", "apiVersion": "v1"] }
    json["name"] = .string(group.name)
    json["versions"] = .array(versions)
    json["preferredVersion"] = versions.first
    return .object(json)
  }

  static func resourceList(
    _ registry: ResourceRegistry, group: String, version: String
  ) -> JSONValue {
    var resources: [JSONValue] = []
    for definition in registry.resources(group: group, version: version) {
      resources.append(resource(definition))
      for subresource in definition.subresources {
        resources.append(Self.subresource(subresource, of: definition))
      }
    }
    return [
      "kind": "APIResourceList", "apiVersion": "v1",
      "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"),
      "resources": .array(resources),
    ]
  }

  private static func resource(_ definition: ResourceDefinition) -> JSONValue {
    let type = definition.type
    var json: JSONObject = [
      "name": .string(type.plural), "singularName": .string(definition.singular),
      "namespaced": .bool(type.isNamespaced), "kind": .string(type.kind),
      "verbs": JSONValue(definition.verbs),
    ]
    if !definition.shortNames.isEmpty { json["shortNames"] = JSONValue(definition.shortNames) }
    if !definition.categories.isEmpty { json["categories"] = JSONValue(definition.categories) }
    if definition.verbs.contains("list") {
      json["storageVersionHash"] = .string(Base64URL.encode(Array(definition.storageKey.utf8)))
    }
    return .object(json)
  }

  private static func subresource(
    _ subresource: ResourceDefinition.Subresource, of definition: ResourceDefinition
  ) -> JSONValue {
    var json: JSONObject = [
      "name": .string("\(definition.type.plural)/\(subresource.name)"), "singularName": "",
      "namespaced": .bool(definition.type.isNamespaced),
    ]
    if let kind = subresource.kind {
      if !kind.group.isEmpty {
        json["group"] = .string(kind.group)
        json["version"] = .string(kind.version)
      }
      json["kind"] = .string(kind.kind)
    } else {
      json["kind"] = .string(definition.type.kind)
    }
    json["verbs"] = JSONValue(subresource.verbs)
    return .object(json)
  }

  // MARK: Aggregated

  static func aggregated(_ registry: ResourceRegistry, groups names: [String]) -> JSONValue {
    let items = names.compactMap(registry.group).map { group -> JSONValue in
      let versions = group.versions.map { version -> JSONValue in
        let resources = registry.resources(group: group.name, version: version)
        return [
          "version": .string(version), "resources": .array(resources.map(aggregated)),
          "freshness": "Current",
        ]
      }
      let metadata: JSONValue = group.name.isEmpty ? [:] : ["name": .string(group.name)]
      return ["metadata": metadata, "versions": .array(versions)]
    }
    return [
      "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
      "items": .array(items),
    ]
  }

  private static func aggregated(_ definition: ResourceDefinition) -> JSONValue {
    let type = definition.type
    // Built-in kinds leave the group and version of the group's own kinds empty.
    func kind(_ gvk: GroupVersionKind) -> JSONValue {
      [
        "group": .string(gvk.group), "version": .string(gvk.version), "kind": .string(gvk.kind),
      ]
    }
    let own =
      definition.isCustom
      ? type.gvk : GroupVersionKind(group: "", version: "", kind: type.kind)
    var json: JSONObject = [
      "resource": .string(type.plural), "responseKind": kind(own),
      "scope": type.isNamespaced ? "Namespaced" : "Cluster",
      "singularResource": .string(definition.singular), "verbs": JSONValue(definition.verbs),
    ]
    if !definition.shortNames.isEmpty { json["shortNames"] = JSONValue(definition.shortNames) }
    if !definition.categories.isEmpty { json["categories"] = JSONValue(definition.categories) }
    if !definition.subresources.isEmpty {
      json["subresources"] = .array(
        definition.subresources.map { subresource in
          [
            "subresource": .string(subresource.name),
            "responseKind": kind(subresource.kind ?? own),
            "verbs": JSONValue(subresource.verbs),
          ]
        })
    }
    return .object(json)
  }
}
