import CLibYAML
import JSON

extension DocumentBuilder {
  /// A `<<` of a mapping.
  private struct Merge {
    var node: Node
    var mark: Mark
    /// Members before it, which `kubectl` lets it replace.
    var membersBefore: Int
  }

  mutating func mapping(_ entry: Int) throws(Stop) -> Node {
    var object = JSONObject()
    var weight = 1
    var merge: Merge?
    while true {
      try advance()
      if source.type == YAML_MAPPING_END_EVENT { break }
      let mark = source.mark
      if source.isMergeKey {
        if let first = merge {
          try report(
            "duplicate merge key <<; the first is at \(first.mark.position)",
            hint: "merge a list: <<: [*a, *b]", at: mark)
        }
        try advance()
        path.append(.key("<<"))
        let node = try node(key: .hiddenKey)
        path.removeLast()
        weight += node.weight
        merge = merge ?? Merge(node: node, mark: mark, membersBefore: object.count)
        continue
      }
      guard let name = try key(mark) else {
        try skipValue()
        continue
      }
      path.append(.key(name))
      let valueEntry = positions.entries.count
      try advance()
      let node = try node(key: mark)
      if object.appendUnlessPresent(name, node.value) {
        weight += node.weight + name.utf8.count / 32
      } else {
        positions.entries[valueEntry].keyLine = PositionMap.hiddenKey
        try reportDuplicate(name, object, entry, mark)
      }
      path.removeLast()
    }
    if let merge { weight += try add(merge, to: &object, entry) }
    positions.close(entry)
    return Node(value: .object(object), weight: weight, entry: entry)
  }

  /// The member name at hand; nil, after an error, when there can be none.
  private mutating func key(_ mark: Mark) throws(Stop) -> String? {
    switch source.type {
    case YAML_SCALAR_EVENT:
      let anchor = source.anchor
      let name = try memberName(mark)
      if let anchor, let name {
        let node = Node(value: .string(name), weight: 1, entry: 0)
        anchors[anchor] = Anchor(node: node, hasEntry: false)
      }
      return name
    case YAML_ALIAS_EVENT:
      if case .string(let name) = anchors[source.aliasName]?.node.value { return name }
      try report(
        "the alias *\(source.aliasName) is no string, so it cannot be a key", at: mark)
      return nil
    default:
      try report(
        "a key must be a string, not a mapping or a sequence",
        hint: "put text in quotes when it begins with { or [", at: mark)
      try skipNode()
      return nil
    }
  }

  private mutating func reportDuplicate(
    _ name: String, _ object: JSONObject, _ entry: Int, _ mark: Mark
  ) throws(Stop) {
    var message = "duplicate key"
    positions.entries[entry].extent = Int32(positions.entries.count - entry)
    if let ordinal = object.position(of: name), let first = positions.child(ordinal, of: entry),
      let place = positions.location(first).key
    {
      message += "; the first is at \(place)"
    }
    try report(message, hint: "remove one of them", at: mark)
  }

  private mutating func skipValue() throws(Stop) {
    try advance()
    try skipNode()
  }

  /// Reads the node at hand for its errors only.
  private mutating func skipNode() throws(Stop) { _ = try node(key: .hiddenKey) }

  /// Adds the members that the merge key's mappings have and the object does not
  /// (https://yaml.org/type/merge.html), and returns their weight.
  ///
  /// `kubectl` lets a merge key replace members that stand before it, against that specification;
  /// where that would change a value the file is refused.
  private mutating func add(
    _ merge: Merge, to object: inout JSONObject, _ entry: Int
  ) throws(Stop) -> Int {
    guard let sources = mergeSources(merge.node) else {
      try report(
        "the merge key << needs a mapping or a sequence of mappings", hint: "such as <<: *name",
        at: merge.mark)
      return 0
    }
    try addAliased(merge.node.weight, at: merge.mark)
    let own = object.count
    for (members, mapEntry) in sources {
      var entries: [Int] = []
      entries.reserveCapacity(members.count)
      positions.children(of: mapEntry) { child in
        entries.append(child)
        return false
      }
      for (ordinal, (name, value)) in members.enumerated() {
        if object.appendUnlessPresent(name, value) {
          guard ordinal < entries.count else { continue }
          let origin = positions.entries[entries[ordinal]]
          let link = positions.append(
            Mark(line: origin.line, column: origin.column),
            key: Mark(line: origin.keyLine, column: origin.keyColumn))
          positions.link(link, to: positions.resolved(entries[ordinal]))
        } else if let position = object.position(of: name), position < merge.membersBefore,
          position < own, object[name] != value
        {
          try report(
            "<< brings another value for \"\(name)\", which kubectl takes because << stands after "
              + "it; by the YAML specification the one written here counts",
            hint: "put << first in the mapping", at: merge.mark)
        }
      }
    }
    return merge.node.weight
  }

  private func mergeSources(_ node: Node) -> [(members: JSONObject, entry: Int)]? {
    switch node.value {
    case .object(let members): return [(members, node.entry)]
    case .array(let elements):
      var sources: [(members: JSONObject, entry: Int)] = []
      for (ordinal, element) in elements.enumerated() {
        guard case .object(let members) = element,
          let entry = positions.child(ordinal, of: node.entry)
        else { return nil }
        sources.append((members, entry))
      }
      return sources
    default: return nil
    }
  }
}

extension EventSource {
  /// `<<` without quotes, which `kubectl` merges; in quotes it is a name like others.
  fileprivate var isMergeKey: Bool {
    guard type == YAML_SCALAR_EVENT, bytes.count == 2, isPlain else { return false }
    return bytes[0] == UInt8(ascii: "<") && bytes[1] == UInt8(ascii: "<")
      && (tag == nil || tag == Tag.merge)
  }
}
