import JSON
import KubernetesAPI

/// The schemas of the kinds that every cluster serves, parsed from `BuiltInSchemaText` on first
/// use.
enum BuiltInSchemas {
  /// The schema of a kind, nil when it is not built in.
  static func schema(for gvk: GroupVersionKind) -> TypeSchema? {
    catalog.names[gvk].flatMap { catalog.definitions[$0] }
  }

  /// A definition by the name that references use.
  static func definition(_ name: String) -> TypeSchema? { catalog.definitions[name] }

  /// The definition of `metadata`, which custom resources share.
  static var objectMeta: TypeSchema { definition("ObjectMeta") ?? .anything }

  static var kinds: [GroupVersionKind] { Array(catalog.names.keys) }

  /// What `kubectl explain` says of the members that all kinds have.
  static let rootDescriptions = [
    "apiVersion": "The group and version of the API that the object is written in.",
    "kind": "What the object is.",
    "metadata": "Name, labels and other data that every object has.",
  ]

  private struct Catalog {
    var definitions: [String: TypeSchema] = [:]
    var names: [GroupVersionKind: String] = [:]
  }

  private static let catalog: Catalog = {
    var catalog = Catalog()
    var package = ""
    var name = ""
    var fields: TypeSchema.Fields?
    func finish() {
      guard var finished = fields else { return }
      finished.propertyNames.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      catalog.definitions[name] = TypeSchema(finished)
      if let gvk = finished.gvk { catalog.names[gvk] = name }
      fields = nil
    }
    for text in BuiltInSchemaText.all {
      for line in text.split(separator: "\n") {
        let (words, description) = parts(of: line)
        guard let first = words.first else { continue }
        switch first.first {
        case "%": package = String(first.dropFirst())
        case "=":
          finish()
          name = String(first.dropFirst())
          fields = definition(words.dropFirst(), name, package, description)
        default:
          guard words.count > 2 else { continue }
          let field = fieldSchema(words.dropFirst(2), number: first, description)
          let key = String(words[1])
          fields?.properties[key] = field
          fields?.propertyNames.append(key)
          if words.count > 3, words[3].contains("r") { fields?.required.append(key) }
        }
      }
    }
    finish()
    return catalog
  }()

  private static func parts(of line: Substring) -> (words: [Substring], description: String?) {
    if let hash = line.firstRange(of: " #") {
      return (
        line[..<hash.lowerBound].split(separator: " "), String(line[hash.upperBound...])
      )
    }
    return (line.split(separator: " "), nil)
  }

  private static func definition(
    _ words: ArraySlice<Substring>, _ name: String, _ package: String, _ description: String?
  ) -> TypeSchema.Fields {
    var fields = TypeSchema.Fields()
    let kind = name.split(separator: ".").last.map(String.init) ?? name
    fields.type = .object
    fields.definitionName = "\(package).\(kind)"
    fields.description = description
    for word in words {
      if word == "~" {
        fields.isAtomicMap = true
      } else {
        fields.gvk = GroupVersionKind(apiVersion: String(word), kind: kind)
        for field in ["apiVersion", "kind"] {
          fields.properties[field] = typeSchema("s") { $0.description = rootDescriptions[field] }
          fields.propertyNames.append(field)
        }
      }
    }
    return fields
  }

  private static func fieldSchema(
    _ words: ArraySlice<Substring>, number: Substring, _ description: String?
  ) -> TypeSchema {
    guard let type = words.first else { return .anything }
    return typeSchema(type) { fields in
      fields.description = description
      fields.protobufPath = number.split(separator: ".").compactMap { Int($0) }
      for (position, word) in words.dropFirst().enumerated() {
        if let equals = word.firstIndex(of: "="), position > 0 {
          set(word[..<equals], word[word.index(after: equals)...], in: &fields)
        } else {
          for flag in word { set(flag, in: &fields) }
        }
      }
    }
  }

  private static func set(_ flag: Character, in fields: inout TypeSchema.Fields) {
    switch flag {
    case "*": fields.presence = .pointer
    case "!": fields.presence = fields.presence == .pointer ? .alwaysPointer : .always
    case "z": fields.presence = .omittedWhenZeroValue
    case "S": fields.listType = .set
    case "~": fields.isAtomicMap = true
    case "P": fields.isPatchMerged = true
    case "R": fields.retainsKeys = true
    case "D":
      fields.defaultValue =
        switch fields.type {
        case .string: ""
        case .integer, .number: 0
        case .boolean: false
        default: [:]
        }
    default: break
    }
  }

  private static func set(
    _ key: Substring, _ value: Substring, in fields: inout TypeSchema.Fields
  ) {
    switch key {
    case "M": fields.listType = .map(keys: value.split(separator: ",").map(String.init))
    case "P":
      fields.isPatchMerged = true
      fields.patchMergeKey = String(value)
    case "D": fields.defaultValue = try? JSONValue(parsing: String(value))
    case "E": fields.enumeration = value.split(separator: "|").map { .string(String($0)) }
    default: break
    }
  }

  private static func typeSchema(
    _ notation: Substring, _ adjust: (inout TypeSchema.Fields) -> Void
  ) -> TypeSchema {
    var fields = TypeSchema.Fields()
    switch notation {
    case "s": fields.type = .string
    case "b": fields.type = .boolean
    case "i":
      fields.type = .integer
      fields.format = "int32"
    case "l":
      fields.type = .integer
      fields.format = "int64"
    case "d": fields.type = .number
    case "y": fields.type = .bytes
    case "q": fields.type = .quantity
    case "t": fields.type = .time
    case "m": fields.type = .microTime
    case "o": fields.type = .intOrString
    case "j", "x":
      fields.type = .any
      fields.preservesUnknownFields = true
    default:
      if notation.hasPrefix("[]") {
        fields.type = .array
        fields.items = typeSchema(notation.dropFirst(2)) { _ in }
      } else if notation.hasPrefix("{}") {
        fields.type = .object
        fields.additional = typeSchema(notation.dropFirst(2)) { _ in }
      } else if notation.hasPrefix("@") {
        fields.type = .object
        fields.reference = String(notation.dropFirst())
      }
    }
    adjust(&fields)
    return TypeSchema(fields)
  }
}
