import JSON

/// What differs between two versions of an object, as paths.
struct TypedComparison: Sendable {
  var added = FieldSet()
  var modified = FieldSet()
  var removed = FieldSet()

  init(from old: JSONValue, to new: JSONValue, schema: TypeSchema) {
    compare(schema, old, new, [])
  }

  /// Restricted to what a request may change at all.
  func filtered(_ filter: (FieldSet) -> FieldSet) -> TypedComparison {
    var result = self
    result.added = filter(added)
    result.modified = filter(modified)
    result.removed = filter(removed)
    return result
  }

  private mutating func compare(
    _ schema: TypeSchema, _ old: JSONValue?, _ new: JSONValue?, _ path: [PathElement]
  ) {
    if let old, let new, old == new { return }
    let oldShape = MergeShape(schema, for: old)
    let newShape = MergeShape(schema, for: new)
    var isLeaf = false
    if new == nil {
      isLeaf = compare(as: oldShape, schema, old, new, path)
    } else if old == nil || oldShape == newShape {
      isLeaf = compare(as: newShape, schema, old, new, path)
    } else {
      _ = compare(as: oldShape, schema, old, new, path)
      isLeaf = compare(as: newShape, schema, old, new, path)
    }
    guard !isLeaf else { return }
    if old == nil {
      added.insert(path)
    } else if new == nil {
      removed.insert(path)
    }
  }

  /// Whether the place was compared as a whole.
  private mutating func compare(
    as shape: MergeShape, _ schema: TypeSchema, _ old: JSONValue?, _ new: JSONValue?,
    _ path: [PathElement]
  ) -> Bool {
    switch shape {
    case .scalar, .list(.atomic), .map(isAtomic: true):
      leaf(old, new, path)
      return true
    case .list:
      let (olds, news) = (old?.array ?? [], new?.array ?? [])
      if olds.isEmpty && news.isEmpty {
        leaf(old, new, path)
        return true
      }
      compareItems(schema, olds, news, path)
      return false
    case .map(isAtomic: false):
      let (olds, news) = (old?.object ?? [:], new?.object ?? [:])
      if olds.isEmpty && news.isEmpty {
        leaf(old, new, path)
        return true
      }
      for (key, value) in olds {
        compare(schema.member(key) ?? .anything, value, news[key], path + [.field(key)])
      }
      for (key, value) in news where olds[key] == nil {
        compare(schema.member(key) ?? .anything, nil, value, path + [.field(key)])
      }
      return false
    }
  }

  private mutating func leaf(_ old: JSONValue?, _ new: JSONValue?, _ path: [PathElement]) {
    if old == nil {
      added.insert(path)
    } else if new == nil {
      removed.insert(path)
    } else if old != new {
      modified.insert(path)
    }
  }

  private mutating func compareItems(
    _ schema: TypeSchema, _ olds: [JSONValue], _ news: [JSONValue], _ path: [PathElement]
  ) {
    let items = schema.items ?? .anything
    var order: [PathElement] = []
    func grouped(_ values: [JSONValue]) -> [PathElement: [JSONValue]] {
      var groups: [PathElement: [JSONValue]] = [:]
      for value in values {
        guard let element = schema.pathElement(ofItem: value) else { continue }
        if groups[element] == nil { order.append(element) }
        groups[element, default: []].append(value)
      }
      return groups
    }
    let oldGroups = grouped(olds)
    let newGroups = grouped(news)
    var seen: Set<PathElement> = []
    for element in order where seen.insert(element).inserted {
      let (old, new) = (oldGroups[element] ?? [], newGroups[element] ?? [])
      let itemPath = path + [element]
      if old.count <= 1 && new.count <= 1 {
        compare(items, old.first, new.first, itemPath)
      } else if old.count >= 2 && new.count >= 2 {
        if old != new { modified.insert(itemPath) }
      } else if old.count >= 2 {
        if let first = new.first { compare(items, nil, first, itemPath) }
        removed.insert(itemPath)
      } else {
        if let first = old.first { compare(items, first, nil, itemPath) }
        added.insert(itemPath)
      }
    }
  }
}
