import JSON

/// How a value at a place is merged with another.
enum MergeShape: Sendable, Equatable {
  enum Scalar: Sendable, Equatable { case numeric, string, boolean, untyped }

  case scalar(Scalar)
  case list(TypeSchema.ListType)
  case map(isAtomic: Bool)

  /// Where the schema leaves the type open it follows from the value, as for fields that are
  /// merely preserved: their maps merge by key, their lists are atomic.
  init(_ schema: TypeSchema, for value: JSONValue?) {
    switch schema.type {
    case .object: self = .map(isAtomic: schema.isAtomicMap)
    case .array: self = .list(schema.listType)
    case .integer, .number: self = .scalar(.numeric)
    case .string, .bytes, .time, .microTime: self = .scalar(.string)
    case .boolean: self = .scalar(.boolean)
    case .quantity, .intOrString: self = .scalar(.untyped)
    case .any:
      switch value {
      case nil, .null?, .object?: self = .map(isAtomic: false)
      case .array?: self = .list(.atomic)
      default: self = .scalar(.untyped)
      }
    }
  }
}

extension TypeSchema {
  /// The step to an element of an associative list; nil when it has no key or no usable value.
  func pathElement(ofItem item: JSONValue) -> PathElement? {
    switch listType {
    case .atomic: return nil
    case .set:
      switch item {
      case .null, .array, .object: return nil
      default: return .value(item)
      }
    case .map(let keys):
      guard let object = item.object else { return nil }
      let fields = keys.sorted().compactMap { key -> PathElement.KeyField? in
        (object[key] ?? items?.properties[key]?.defaultValue).map { .init(name: key, value: $0) }
      }
      return fields.isEmpty && !keys.isEmpty ? nil : .key(fields)
    }
  }

  /// The paths of a value, as owned by the manager that applies it.
  func fieldSet(of value: JSONValue) -> FieldSet {
    var set = FieldSet()
    guard case .object(let object) = value else { return set }
    for (key, member) in object { add(member, at: .field(key), mergeSchema(key), to: &set) }
    return set
  }

  private func mergeSchema(_ key: String) -> (TypeSchema, isDeclared: Bool) {
    if let property = properties[key] { return (property, true) }
    return (additional ?? .anything, false)
  }

  private func add(
    _ value: JSONValue, at element: PathElement, _ place: (TypeSchema, isDeclared: Bool),
    to set: inout FieldSet
  ) {
    let (schema, isDeclared) = place
    var child = FieldSet()
    switch MergeShape(schema, for: value) {
    case .scalar: set.insert(element)
    case .list(.atomic): set.insert(element)
    case .list:
      for item in value.array ?? [] {
        guard let step = schema.pathElement(ofItem: item) else { continue }
        if let items = schema.items { items.add(item, at: step, (items, false), to: &child) }
      }
      if case .null = value { set.insert(element) }
    case .map(isAtomic: true): set.insert(element)
    case .map(isAtomic: false):
      let object = value.object ?? [:]
      for (key, member) in object {
        schema.add(member, at: .field(key), schema.mergeSchema(key), to: &child)
      }
      if object.isEmpty { set.insert(element) }
    }
    if !isDeclared { set.insert(element) }
    set.setChild(element, child.union(set.below(element)))
  }
}
