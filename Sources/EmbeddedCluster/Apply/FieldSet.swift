import JSON

/// A set of paths into an object: what a manager owns.
///
/// A path in the set says nothing of the paths below it; those are members of their own.
struct FieldSet: Sendable, Hashable {
  /// Paths of one step.
  private(set) var members: Set<PathElement> = []
  /// Longer paths by their first step; no value is empty.
  private(set) var children: [PathElement: FieldSet] = [:]

  init() {}

  init(_ paths: [[PathElement]]) {
    for path in paths { insert(path) }
  }

  var isEmpty: Bool { members.isEmpty && children.isEmpty }

  mutating func insert(_ path: some Collection<PathElement>) {
    guard let first = path.first else { return }
    if path.count == 1 {
      members.insert(first)
    } else {
      children[first, default: FieldSet()].insert(path.dropFirst())
    }
  }

  mutating func insert(_ element: PathElement) { members.insert(element) }

  mutating func setChild(_ element: PathElement, _ child: FieldSet) {
    children[element] = child.isEmpty ? nil : child
  }

  func contains(_ path: some Collection<PathElement>) -> Bool {
    guard let first = path.first else { return false }
    return path.count == 1
      ? members.contains(first) : children[first]?.contains(path.dropFirst()) ?? false
  }

  /// The paths below a step.
  func below(_ element: PathElement) -> FieldSet { children[element] ?? FieldSet() }

  func union(_ other: FieldSet) -> FieldSet {
    var result = self
    result.members.formUnion(other.members)
    result.children.merge(other.children) { $0.union($1) }
    return result
  }

  func intersection(_ other: FieldSet) -> FieldSet {
    var result = FieldSet()
    result.members = members.intersection(other.members)
    for (element, child) in children {
      if let others = other.children[element] {
        result.setChild(element, child.intersection(others))
      }
    }
    return result
  }

  /// Without the paths of the other set; paths below those stay.
  func subtracting(_ other: FieldSet) -> FieldSet {
    var result = self
    result.members.subtract(other.members)
    for (element, child) in other.children {
      if let own = children[element] { result.setChild(element, own.subtracting(child)) }
    }
    return result
  }

  /// Without the first step's member and everything below it.
  func removingField(_ name: String) -> FieldSet {
    var result = self
    result.members.remove(.field(name))
    result.children[.field(name)] = nil
    return result
  }

  /// Without a member of the first step's member and everything below it.
  func removingField(_ name: String, below parent: String) -> FieldSet {
    guard let child = children[.field(parent)] else { return self }
    var result = self
    result.setChild(.field(parent), child.removingField(name))
    return result
  }

  /// Only the first step's member and what is below it.
  func keepingField(_ name: String) -> FieldSet {
    var result = FieldSet()
    let element = PathElement.field(name)
    if members.contains(element) { result.members.insert(element) }
    if let child = children[element] { result.children[element] = child }
    return result
  }

  /// All paths, shorter ones first at each level, in a fixed order.
  var paths: [[PathElement]] {
    var result: [[PathElement]] = []
    appendPaths([], &result)
    return result
  }

  private func appendPaths(_ prefix: [PathElement], _ result: inout [[PathElement]]) {
    for element in Self.sorted(members) { result.append(prefix + [element]) }
    for element in Self.sorted(children.keys) {
      children[element]?.appendPaths(prefix + [element], &result)
    }
  }

  private static func sorted(_ elements: some Sequence<PathElement>) -> [PathElement] {
    elements.map { ($0.fieldsV1, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// With every declared field on the way to a path as a member of its own.
  func withDeclaredFieldsAsMembers(_ schema: TypeSchema?) -> FieldSet {
    var result = FieldSet()
    result.members = members
    for (element, child) in children {
      var below: TypeSchema?
      switch element {
      case .field(let name):
        if schema?.properties[name] != nil { result.members.insert(element) }
        below = schema?.member(name)
      default: below = schema?.items
      }
      result.setChild(element, child.withDeclaredFieldsAsMembers(below))
    }
    return result
  }

  /// With paths inside lists and maps that the schema says are atomic replaced by the list or map.
  func reconciled(with schema: TypeSchema?) -> FieldSet {
    guard let schema else { return self }
    var result = self
    for (element, child) in children {
      let below: TypeSchema? =
        if case .field(let name) = element { schema.member(name) } else { schema.items }
      guard let below else { continue }
      let isAtomic =
        below.type == .array && below.listType == .atomic
        || below.type == .object && below.isAtomicMap
      if isAtomic {
        result.children[element] = nil
        result.members.insert(element)
      } else {
        result.setChild(element, child.reconciled(with: below))
      }
    }
    return result
  }
}

extension FieldSet {
  /// Nil when this is not a tree of path elements.
  init?(fieldsV1 json: JSONValue) {
    guard let object = json.object else { return nil }
    for (key, value) in object where key != "." {
      guard let element = PathElement(fieldsV1: key), let tree = value.object,
        let child = FieldSet(fieldsV1: value)
      else { return nil }
      if tree.isEmpty || tree["."] != nil { insert(element) }
      setChild(element, child)
    }
  }

  var fieldsV1: JSONValue {
    var object = JSONObject()
    let elements = Set(members).union(children.keys).map { ($0.fieldsV1, $0) }
    for (text, element) in elements.sorted(by: { $0.0 < $1.0 }) {
      guard let child = children[element] else {
        object[text] = [:]
        continue
      }
      let tree = child.fieldsV1.object ?? [:]
      if members.contains(element) {
        var marked: JSONObject = [".": [:]]
        for (key, value) in tree { marked[key] = value }
        object[text] = .object(marked)
      } else {
        object[text] = .object(tree)
      }
    }
    return .object(object)
  }
}
