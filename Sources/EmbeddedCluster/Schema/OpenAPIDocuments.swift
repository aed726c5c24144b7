import JSON
import KubernetesAPI

/// OpenAPI v3 documents, as `kubectl explain` and `kubectl apply` read them.
///
/// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
enum OpenAPIDocuments {
  struct Resource: Sendable {
    var type: ResourceType
    var schema: TypeSchema?
    var verbs: [String]
    var subresources: [String]
    var isCustom: Bool

    init(
      type: ResourceType, schema: TypeSchema?, verbs: [String], subresources: [String],
      isCustom: Bool
    ) {
      self.type = type
      self.schema = schema
      self.verbs = verbs
      self.subresources = subresources
      self.isCustom = isCustom
    }
  }

  /// The document of one group and version.
  static func document(group: String, version: String, _ resources: [Resource]) -> JSONValue {
    var writer = OpenAPISchemaWriter()
    var paths = JSONObject()
    for resource in resources {
      guard let schema = resource.schema else { continue }
      let name = writer.add(schema, of: resource)
      for (path, item) in pathItems(resource, name) { paths[path] = item }
    }
    return [
      "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.36.2"],
      "paths": .object(paths), "components": ["schemas": .object(writer.finished())],
    ]
  }

  private static func pathItems(
    _ resource: Resource, _ schemaName: String
  ) -> [(String, JSONValue)] {
    let type = resource.type
    let gvk: JSONValue = [
      "group": .string(type.group), "kind": .string(type.kind), "version": .string(type.version),
    ]
    let reference: JSONValue = ["$ref": .string("#/components/schemas/\(schemaName)")]
    func parameter(_ name: String, _ location: String, _ kind: String) -> JSONValue {
      [
        "name": .string(name), "in": .string(location), "required": .bool(location == "path"),
        "schema": ["type": .string(kind)],
      ]
    }
    func operation(
      _ action: String, isWrite: Bool = false, bodies: [String] = ["application/json"]
    ) -> JSONValue {
      var operation: JSONValue = [
        "x-kubernetes-action": .string(action), "x-kubernetes-group-version-kind": gvk,
        "responses": [
          "200": [
            "description": "OK", "content": ["application/json": ["schema": reference]],
          ]
        ],
      ]
      if isWrite {
        // kubectl looks for dryRun and fieldValidation here before it uses them.
        operation["parameters"] = [
          parameter("dryRun", "query", "string"), parameter("fieldManager", "query", "string"),
          parameter("fieldValidation", "query", "string"),
        ]
        let content = JSONObject(bodies.map { (key: $0, value: ["schema": reference]) })
        operation["requestBody"] = ["content": .object(content)]
      }
      return operation
    }
    // kubectl asks here whether a kind takes strategic merge patches.
    let patches =
      ["application/json-patch+json", "application/merge-patch+json"]
      + (resource.isCustom ? [] : ["application/strategic-merge-patch+json"])
      + ["application/apply-patch+yaml"]
    var collection: JSONObject = [:]
    var item: JSONObject = [:]
    for verb in resource.verbs {
      switch verb {
      case "create": collection["post"] = operation("post", isWrite: true)
      case "list": collection["get"] = operation("list")
      case "deletecollection": collection["delete"] = operation("deletecollection")
      case "get": item["get"] = operation("get")
      case "update": item["put"] = operation("put", isWrite: true)
      case "patch": item["patch"] = operation("patch", isWrite: true, bodies: patches)
      case "delete": item["delete"] = operation("delete")
      default: break
      }
    }
    let namespace = type.isNamespaced ? "{namespace}" : nil
    var base: [JSONValue] = []
    if type.isNamespaced { base.append(parameter("namespace", "path", "string")) }
    collection["parameters"] = .array(base)
    item["parameters"] = .array(base + [parameter("name", "path", "string")])
    return [
      (type.path(namespace: namespace), .object(collection)),
      (type.path(namespace: namespace, name: "{name}"), .object(item)),
    ]
  }
}

/// Writes schemas as OpenAPI, each built-in definition once.
struct OpenAPISchemaWriter {
  private var schemas = JSONObject()
  private var pending: [String] = []
  private var known: Set<String> = []

  init() {}

  /// The name under which a kind's schema is in the document.
  mutating func add(_ schema: TypeSchema, of resource: OpenAPIDocuments.Resource) -> String {
    let type = resource.type
    let gvk: JSONValue = [
      "group": .string(type.group), "kind": .string(type.kind), "version": .string(type.version),
    ]
    let name: String
    if let definition = schema.site.definitionName {
      name = definition
    } else {
      // As the server names them: the group's labels backwards.
      name =
        (type.group.split(separator: ".").reversed().map(String.init) + [type.version, type.kind])
        .joined(separator: ".")
    }
    var document = node(schema, isRoot: true)
    document["x-kubernetes-group-version-kind"] = [gvk]
    schemas[name] = document
    let list: JSONValue = [
      "type": "object", "required": ["items"],
      "properties": [
        "apiVersion": ["type": "string"], "kind": ["type": "string"],
        "metadata": ["type": "object"],
        "items": ["type": "array", "items": ["$ref": .string("#/components/schemas/\(name)")]],
      ],
      "x-kubernetes-group-version-kind": [
        [
          "group": .string(type.group), "kind": .string("\(type.kind)List"),
          "version": .string(type.version),
        ]
      ],
    ]
    schemas["\(name)List"] = list
    return name
  }

  /// All schemas, with those that they refer to.
  mutating func finished() -> JSONObject {
    while let name = pending.popLast() {
      guard let schema = BuiltInSchemas.definition(name),
        let definition = schema.site.definitionName, schemas[definition] == nil
      else { continue }
      schemas[definition] = node(schema, isRoot: true)
    }
    return JSONObject(schemas.sortedByKey())
  }

  private mutating func node(_ schema: TypeSchema, isRoot: Bool) -> JSONValue {
    let site = schema.site
    var json: JSONValue = [:]
    if let description = site.description { json["description"] = .string(description) }
    if let reference = site.reference, let target = BuiltInSchemas.definition(reference),
      let name = target.site.definitionName
    {
      if known.insert(reference).inserted { pending.append(reference) }
      json["allOf"] = [["$ref": .string("#/components/schemas/\(name)")]]
    } else {
      structure(site, &json, isRoot: isRoot)
    }
    if let value = site.defaultValue { json["default"] = value }
    if site.type != .array, !site.enumeration.isEmpty { json["enum"] = .array(site.enumeration) }
    if site.isNullable { json["nullable"] = true }
    switch site.listType {
    case .atomic: if site.type == .array { json["x-kubernetes-list-type"] = "atomic" }
    case .set: json["x-kubernetes-list-type"] = "set"
    case .map(let keys):
      json["x-kubernetes-list-type"] = "map"
      json["x-kubernetes-list-map-keys"] = JSONValue(keys)
    }
    if site.isAtomicMap { json["x-kubernetes-map-type"] = "atomic" }
    if site.isPatchMerged || site.retainsKeys {
      json["x-kubernetes-patch-strategy"] = .string(
        [site.isPatchMerged ? "merge" : nil, site.retainsKeys ? "retainKeys" : nil]
          .compactMap { $0 }.joined(separator: ","))
    }
    if let key = site.patchMergeKey { json["x-kubernetes-patch-merge-key"] = .string(key) }
    return json
  }

  private mutating func structure(
    _ site: TypeSchema.Fields, _ json: inout JSONValue, isRoot: Bool
  ) {
    switch site.type {
    case .object, .array, .string, .integer, .number, .boolean:
      json["type"] = .string(site.type.rawValue)
    case .intOrString:
      json["x-kubernetes-int-or-string"] = true
      json["format"] = "int-or-string"
      json["oneOf"] = [["type": "integer"], ["type": "string"]]
    case .quantity: json["oneOf"] = [["type": "string"], ["type": "number"]]
    case .time, .microTime:
      json["type"] = "string"
      json["format"] = "date-time"
    case .bytes:
      json["type"] = "string"
      json["format"] = "byte"
    case .any:
      if isRoot || site.properties.isEmpty { json["type"] = "object" }
    }
    if let format = site.format { json["format"] = .string(format) }
    if !site.required.isEmpty { json["required"] = JSONValue(site.required) }
    if !site.properties.isEmpty {
      var properties = JSONObject()
      for name in site.propertyNames {
        guard let property = site.properties[name] else { continue }
        properties[name] = node(property, isRoot: false)
      }
      json["properties"] = .object(properties)
    }
    if let additional = site.additional {
      json["additionalProperties"] = node(additional, isRoot: false)
    }
    if let items = site.items {
      var item = node(items, isRoot: false)
      // Elements refer directly, as in the real documents.
      if let reference = item["allOf"]?[0], item.object?.count == 1 { item = reference }
      if !site.enumeration.isEmpty { item["enum"] = .array(site.enumeration) }
      json["items"] = item
    }
    if site.preservesUnknownFields, site.type == .object {
      json["x-kubernetes-preserve-unknown-fields"] = true
    }
    if let bounds = site.bounds { write(bounds, &json) }
  }

  private func write(_ bounds: ValueBounds, _ json: inout JSONValue) {
    for (key, value) in [
      ("minimum", bounds.minimum), ("maximum", bounds.maximum), ("multipleOf", bounds.multipleOf),
    ] {
      guard let value else { continue }
      json[key] = Int64(exactly: value).map { .int($0) } ?? .double(value)
    }
    for (key, value) in [
      ("minLength", bounds.minLength), ("maxLength", bounds.maxLength),
      ("minItems", bounds.minItems), ("maxItems", bounds.maxItems),
      ("minProperties", bounds.minProperties), ("maxProperties", bounds.maxProperties),
    ] {
      if let value { json[key] = JSONValue(value) }
    }
    if let pattern = bounds.pattern { json["pattern"] = .string(pattern) }
    if bounds.isMinimumExclusive { json["exclusiveMinimum"] = true }
    if bounds.isMaximumExclusive { json["exclusiveMaximum"] = true }
  }
}
