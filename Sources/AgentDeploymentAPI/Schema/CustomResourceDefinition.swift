import JSON
import KubernetesAPI

/// A CustomResourceDefinition (apiextensions.k8s.io/v1) of one version.
struct CustomResourceDefinition {
  /// What `kubectl get` shows.
  struct Column {
    var name: String
    var path: String
    var type: String
    var isWide: Bool

    init(_ name: String, _ path: String, type: String = "string", isWide: Bool = false) {
      self.name = name
      self.path = path
      self.type = type
      self.isWide = isWide
    }

    var json: JSONValue {
      var column: JSONValue = [
        "name": .string(name), "type": .string(type), "jsonPath": .string(path),
      ]
      if isWide { column["priority"] = 1 }
      return column
    }
  }

  var resource: ResourceType
  var shortName: String
  var categories: [String]
  var description: String
  var spec: FieldSchema
  var isSpecRequired: Bool
  /// Nil: there is no status.
  var status: FieldSchema?
  /// Of the whole object.
  var rules: [JSONValue]
  var columns: [Column]

  var json: JSONValue {
    var version: JSONValue = [
      "name": .string(resource.version), "served": true, "storage": true,
    ]
    if status != nil { version["subresources"] = ["status": [:]] }
    version["additionalPrinterColumns"] = .array(columns.map(\.json))
    version["schema"] = ["openAPIV3Schema": schema]
    var names: JSONValue = [
      "kind": .string(resource.kind),
      "listKind": .string(resource.kind + "List"),
      "plural": .string(resource.plural),
      "singular": .string(resource.kind.lowercased()),
      "shortNames": [.string(shortName)],
    ]
    if !categories.isEmpty { names["categories"] = JSONValue(categories) }
    return [
      "apiVersion": "apiextensions.k8s.io/v1",
      "kind": "CustomResourceDefinition",
      "metadata": ["name": .string(resource.description)],
      "spec": [
        "group": .string(resource.group),
        "names": names,
        "scope": .string(resource.isNamespaced ? "Namespaced" : "Cluster"),
        "versions": [version],
      ],
    ]
  }

  private var schema: JSONValue {
    var properties: JSONValue = [
      "apiVersion": [
        "description": .string("Version of the API: \(resource.apiVersion)."), "type": "string",
      ],
      "kind": ["description": .string("\(resource.kind)."), "type": "string"],
      "metadata": ["type": "object"],
      "spec": spec.openAPI(path: "spec"),
    ]
    if let status { properties["status"] = status.openAPI(path: "status") }
    var schema: JSONValue = ["description": .string(description), "type": "object"]
    if isSpecRequired { schema["required"] = ["spec"] }
    schema["properties"] = properties
    if !rules.isEmpty { schema["x-kubernetes-validations"] = .array(rules) }
    return schema
  }
}
