/// The static type of an expression.
indirect enum CELType: Sendable {
  case dyn, null, bool, int, uint, double, string, bytes, duration, timestamp, type
  case list(CELType, CELListKind = .atomic)
  case map(CELType, CELType)
  case object(CELObjectType)
  case optional(CELType)
  /// A type of a library: `kubernetes.Quantity`.
  case opaque(String)
  /// A type parameter in a function's signature.
  case parameter(String)
}

/// What `x-kubernetes-list-type` makes of equality and addition of lists.
enum CELListKind: Sendable, Hashable {
  case atomic
  case set
  case map(keys: [String])
}

/// An object with declared fields; two of them are the same type only if they are one schema.
final class CELObjectType: Sendable {
  /// Where it stands in the schema, for messages.
  let name: String
  /// By their names in the object, unescaped.
  let fields: [String: CELType]

  init(name: String, fields: [String: CELType]) {
    self.name = name
    self.fields = fields
  }
}

extension CELType: CustomStringConvertible {
  /// As cel-go's checker prints it.
  var description: String {
    switch self {
    case .dyn: "dyn"
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .duration: "google.protobuf.Duration"
    case .timestamp: "google.protobuf.Timestamp"
    case .type: "type"
    case .list(let element, _): "list(\(element))"
    case .map(let key, let value): "map(\(key), \(value))"
    case .object(let object): object.name
    case .optional(let wrapped): "optional_type(\(wrapped))"
    case .opaque(let name), .parameter(let name): name
    }
  }
}

extension CELType {
  var isDyn: Bool { if case .dyn = self { true } else { false } }

  /// What a `null` may stand for besides itself.
  private var isNullable: Bool {
    switch self {
    case .object, .duration, .timestamp, .opaque, .null, .dyn: true
    default: false
    }
  }

  /// Whether a value of the other type may be used where this one is wanted; parameters of a
  /// signature are bound on the way.
  func accepts(_ other: CELType, _ bindings: inout [String: CELType]) -> Bool {
    switch (self, other) {
    case (.parameter(let name), _):
      guard let bound = bindings[name] else {
        bindings[name] = other
        return true
      }
      if bound.accepts(other) {
        // An empty list's element is anything: the other side says more.
        if bound.containsDyn, !other.containsDyn { bindings[name] = other }
        return true
      }
      if other.accepts(bound) {
        bindings[name] = other
        return true
      }
      return false
    case (.dyn, _), (_, .dyn): return true
    case (.null, let type), (let type, .null): return type.isNullable
    case (.list(let a, _), .list(let b, _)): return a.accepts(b, &bindings)
    case (.map(let a, let c), .map(let b, let d)):
      return a.accepts(b, &bindings) && c.accepts(d, &bindings)
    case (.optional(let a), .optional(let b)): return a.accepts(b, &bindings)
    case (.object(let a), .object(let b)): return a === b
    case (.opaque(let a), .opaque(let b)): return a == b
    case (.bool, .bool), (.int, .int), (.uint, .uint), (.double, .double), (.string, .string),
      (.bytes, .bytes), (.duration, .duration), (.timestamp, .timestamp), (.type, .type):
      return true
    default: return false
    }
  }

  func accepts(_ other: CELType) -> Bool {
    var bindings: [String: CELType] = [:]
    return accepts(other, &bindings)
  }

  private var containsDyn: Bool {
    switch self {
    case .dyn: true
    case .list(let element, _): element.containsDyn
    case .optional(let wrapped): wrapped.containsDyn
    case .map(let key, let value): key.containsDyn || value.containsDyn
    default: false
    }
  }

  func substituting(_ bindings: [String: CELType]) -> CELType {
    switch self {
    case .parameter(let name): bindings[name] ?? .dyn
    case .list(let element, let kind): .list(element.substituting(bindings), kind)
    case .map(let key, let value):
      .map(key.substituting(bindings), value.substituting(bindings))
    case .optional(let wrapped): .optional(wrapped.substituting(bindings))
    default: self
    }
  }
}
