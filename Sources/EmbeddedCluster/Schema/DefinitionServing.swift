import JSON

/// What a definition says of how its versions are served
/// (apiextensions-apiserver `pkg/apis/apiextensions/validation`).
enum DefinitionServing {
  static func check(_ spec: JSONValue, _ causes: inout [FieldCause]) {
    conversion(spec["conversion"], &causes)
    if spec["preserveUnknownFields"] == true {
      causes.append(
        .invalid(
          "spec.preserveUnknownFields", "true",
          "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        ))
    }
    let versions = spec["versions"]?.array ?? []
    for (position, version) in versions.enumerated() {
      if let warning = version["deprecationWarning"]?.string, version["deprecated"] != true {
        causes.append(
          .invalid(
            "spec.versions[\(position)].deprecationWarning", quoted(warning),
            "can only be set for deprecated versions"))
      }
    }
    // What all versions share is validated once, under an older name.
    func each(_ key: String, _ check: (JSONValue, JSONValue, String) -> Void) {
      let isShared = Set(versions.map { $0[key] }).count <= 1
      for (position, version) in versions.enumerated() {
        guard let value = version[key], !value.isNull, !isShared || position == 0 else { continue }
        let schema = version["schema"]?["openAPIV3Schema"] ?? [:]
        check(value, schema, isShared ? "spec.\(key)" : "spec.versions[\(position)].\(key)")
      }
    }
    each("additionalPrinterColumns") { columns, _, path in
      for (position, column) in (columns.array ?? []).enumerated() {
        printerColumn(column, "\(path)[\(position)]", &causes)
      }
    }
    each("subresources") { subresources, _, path in
      if let scale = subresources["scale"], !scale.isNull {
        self.scale(scale, "\(path).scale", &causes)
      }
    }
    each("selectableFields") { fields, schema, path in
      selectableFields(fields.array ?? [], schema, path, &causes)
    }
  }

  private static func quoted(_ text: String) -> String { JSONValue.string(text).serialized() }

  private static func conversion(_ conversion: JSONValue?, _ causes: inout [FieldCause]) {
    let webhook = conversion?["webhook"] ?? .null
    let fields = [
      ("spec.conversion.webhookClientConfig", webhook["clientConfig"] ?? .null),
      ("spec.conversion.conversionReviewVersions", webhook["conversionReviewVersions"] ?? .null),
    ]
    PodValidation.oneOf(
      conversion?["strategy"], ["None", "Webhook"], "spec.conversion.strategy", &causes)
    switch conversion?["strategy"]?.string {
    case "Webhook"?:
      for (field, value) in fields where value.isNull {
        causes.append(
          field.hasSuffix("webhookClientConfig")
            ? .required(field, "required when strategy is set to Webhook") : .required(field))
      }
    case "None"?:
      for (field, value) in fields where !value.isNull {
        causes.append(.forbidden(field, "should not be set when strategy is not set to Webhook"))
      }
    default: break
    }
  }

  private static func isSimplePath(_ path: String) -> Bool { path.hasPrefix(".") }

  private static func printerColumn(
    _ column: JSONValue, _ at: String, _ causes: inout [FieldCause]
  ) {
    let types = ["boolean", "date", "integer", "number", "string"]
    let formats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"]
    func text(_ key: String) -> String { column[key]?.string ?? "" }
    if text("name").isEmpty { causes.append(.required("\(at).name")) }
    let typeText = "must be one of \(types.joined(separator: ","))"
    if text("type").isEmpty {
      causes.append(.required("\(at).type", typeText))
    } else if !types.contains(text("type")) {
      causes.append(.invalid("\(at).type", quoted(text("type")), typeText))
    }
    if !text("format").isEmpty, !formats.contains(text("format")) {
      causes.append(
        .invalid(
          "\(at).format", quoted(text("format")),
          "must be one of \(formats.joined(separator: ","))"))
    }
    simplePath(text("jsonPath"), "\(at).JSONPath", &causes)
  }

  private static func simplePath(_ path: String, _ at: String, _ causes: inout [FieldCause]) {
    if path.isEmpty {
      causes.append(.required(at))
    } else if !isSimplePath(path) {
      causes.append(.invalid(at, quoted(path), "must be a simple json path starting with ."))
    }
  }

  private static func scale(_ scale: JSONValue, _ at: String, _ causes: inout [FieldCause]) {
    for (key, parent) in [("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")] {
      let path = scale[key]?.string ?? ""
      if path.isEmpty || !isSimplePath(path) {
        simplePath(path, "\(at).\(key)", &causes)
      } else if !path.hasPrefix(parent + ".") {
        causes.append(
          .invalid("\(at).\(key)", quoted(path), "should be a json path under \(parent)"))
      }
    }
    guard let path = scale["labelSelectorPath"]?.string, !path.isEmpty else { return }
    if !isSimplePath(path) {
      simplePath(path, "\(at).labelSelectorPath", &causes)
    } else if !path.hasPrefix(".spec."), !path.hasPrefix(".status.") {
      causes.append(
        .invalid(
          "\(at).labelSelectorPath", quoted(path),
          "should be a json path under either .spec or .status"))
    }
  }

  private static func selectableFields(
    _ fields: [JSONValue], _ schema: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    var seen: Set<String> = []
    for (position, field) in fields.enumerated() {
      let at = "\(path)[\(position)].jsonPath"
      let text = field["jsonPath"]?.string ?? ""
      guard !text.isEmpty else {
        causes.append(.required(at))
        continue
      }
      var place: JSONValue? = schema
      for name in text.split(separator: ".") { place = place?["properties"]?[String(name)] }
      let fault: String? =
        if !isSimplePath(text) {
          "is an invalid path: expected [ or . but got: \(text.prefix { $0 != "." && $0 != "[" })"
        } else if text.contains("[") {
          "is an invalid path: array notation is not allowed"
        } else if place == nil || text == ".metadata" || text.hasPrefix(".metadata.") {
          "is an invalid path: does not refer to a valid field"
        } else if !["string", "boolean", "integer"].contains(place?["type"]?.string) {
          "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed."
        } else {
          nil
        }
      if let fault {
        causes.append(.invalid(at, quoted(text), fault))
      } else if !seen.insert(text).inserted {
        causes.append(.duplicate(at, quoted(text)))
      }
    }
  }
}
