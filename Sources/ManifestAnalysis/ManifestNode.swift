import JSON
import KubernetesAPI

/// A value in an object, or a place in it where there is none, that knows where it stands.
struct ManifestNode: Sendable {
  let object: ManifestObject
  let components: [FieldPath.Component]
  let value: JSONValue?

  subscript(key: String) -> ManifestNode {
    ManifestNode(object: object, components: components + [.key(key)], value: value?[key])
  }

  subscript(path: [String]) -> ManifestNode { path.reduce(self) { $0[$1] } }

  var exists: Bool { value != nil }
  var string: String? { value?.string }
  var int: Int? { value?.int }
  var bool: Bool? { value?.bool }
  var key: String? {
    if case .key(let key)? = components.last { key } else { nil }
  }

  /// What a person would have written: numbers and booleans too.
  var text: String? {
    switch value {
    case .string(let text): text
    case .int(let number): String(number)
    case .bool(let value): String(value)
    case .double(let number): String(number)
    default: nil
    }
  }

  var elements: [ManifestNode] {
    (value?.array ?? []).enumerated().map { index, element in
      ManifestNode(object: object, components: components + [.index(index)], value: element)
    }
  }

  var members: [ManifestNode] {
    (value?.object ?? [:]).map { key, member in
      ManifestNode(object: object, components: components + [.key(key)], value: member)
    }
  }

  var parent: ManifestNode {
    ManifestNode(
      object: object, components: components.dropLast(),
      value: object.json[JSONPointer(tokens: components.dropLast().map(\.token))])
  }

  /// In the object's document.
  var pointer: JSONPointer {
    object.origin == nil
      ? JSONPointer(tokens: object.prefix + components.map(\.token)) : JSONPointer()
  }

  var path: String { FieldPath(components).description }
}

extension FieldPath.Component {
  var token: String {
    switch self {
    case .key(let key): key
    case .index(let index): String(index)
    }
  }
}
