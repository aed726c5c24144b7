import JSON

/// Why a strategic merge patch cannot be applied.
struct StrategicMergeError: Error, Sendable, Hashable {
  var message: String
}

/// Merges a patch into an object, with lists merged by the keys that the kind's schema names.
///
/// Directives: `$patch: delete|replace|merge`, `$retainKeys`, `$setElementOrder/<field>`,
/// `$deleteFromPrimitiveList/<field>`.
/// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
enum StrategicMergePatch {
  static func apply(
    _ patch: JSONValue, to original: JSONValue, schema: TypeSchema
  ) throws(StrategicMergeError) -> JSONValue {
    guard let patch = patch.object else {
      throw StrategicMergeError(message: "the patch is not an object")
    }
    return .object(try map(patch, original.object ?? [:], schema))
  }

  private static let orderPrefix = "$setElementOrder/"
  private static let deletePrefix = "$deleteFromPrimitiveList/"

  private static func map(
    _ patch: JSONObject, _ original: JSONObject, _ schema: TypeSchema
  ) throws(StrategicMergeError) -> JSONObject {
    let whole = patch
    var patch = patch
    if let directive = patch["$patch"] {
      patch["$patch"] = nil
      switch directive.string {
      case "replace": return try cleaned(patch, schema)
      case "delete": return [:]
      case "merge": break
      default:
        throw StrategicMergeError(
          message:
            "unknown patch type: \(GoNotation.plain(directive)) in map: \(GoNotation.plain(.object(whole)))"
        )
      }
    }
    var result = original
    if let retained = patch["$retainKeys"]?.array {
      patch["$retainKeys"] = nil
      for key in result.keys where !retained.contains(.string(key)) { result[key] = nil }
    }
    for (key, value) in patch where key.hasPrefix(deletePrefix) {
      let name = String(key.dropFirst(deletePrefix.count))
      let gone = value.array ?? []
      if let elements = result[name]?.array {
        result[name] = .array(elements.filter { !gone.contains($0) })
      }
    }
    for (key, value) in patch where !key.hasPrefix("$") {
      if value.isNull {
        result[key] = nil
        continue
      }
      let member = schema.member(key) ?? .anything
      guard let present = result[key] else {
        result[key] = try added(value, member)
        continue
      }
      result[key] = try merged(value, present, member)
    }
    for (key, value) in patch where key.hasPrefix(orderPrefix) {
      let name = String(key.dropFirst(orderPrefix.count))
      guard let elements = result[name]?.array, let order = value.array else { continue }
      let mergeKey = schema.member(name)?.patchMergeKey
      result[name] = .array(
        ordered(elements, by: order, mergeKey, before: original[name]?.array ?? []))
    }
    return result
  }

  private static func merged(
    _ patch: JSONValue, _ original: JSONValue, _ schema: TypeSchema
  ) throws(StrategicMergeError) -> JSONValue {
    switch (patch, original) {
    case (.object(let patch), .object(let original)):
      return .object(try map(patch, original, schema))
    case (.array(let patch), .array(let original)) where schema.isPatchMerged:
      return .array(try list(patch, original, schema))
    default: return try added(patch, schema)
    }
  }

  /// A value for which there is nothing to merge with, without directives.
  private static func added(
    _ value: JSONValue, _ schema: TypeSchema
  ) throws(StrategicMergeError) -> JSONValue {
    switch value {
    case .object(let object): return .object(try cleaned(object, schema))
    case .array(let elements):
      var kept: [JSONValue] = []
      for element in elements {
        if let directive = element["$patch"] {
          if directive == "delete" || element.object?.count == 1 { continue }
        }
        kept.append(try added(element, schema.items ?? .anything))
      }
      return .array(kept)
    default: return value
    }
  }

  private static func cleaned(
    _ object: JSONObject, _ schema: TypeSchema
  ) throws(StrategicMergeError) -> JSONObject {
    var result = JSONObject()
    for (key, value) in object where !key.hasPrefix("$") && !value.isNull {
      result[key] = try added(value, schema.member(key) ?? .anything)
    }
    return result
  }

  private static func list(
    _ patch: [JSONValue], _ original: [JSONValue], _ schema: TypeSchema
  ) throws(StrategicMergeError) -> [JSONValue] {
    let items = schema.items ?? .anything
    guard let key = schema.patchMergeKey else {
      // A set: what is new goes to the end.
      return original + patch.filter { !original.contains($0) }
    }
    if patch.contains(where: { $0["$patch"] == "replace" }) {
      var replaced: [JSONValue] = []
      for element in patch where element["$patch"] == nil {
        replaced.append(try added(element, items))
      }
      return replaced
    }
    var result = original
    var fresh: [JSONValue] = []
    for element in patch {
      guard let value = element[key] else {
        if element["$patch"] == "merge" { continue }
        throw StrategicMergeError(
          message: "map: \(GoNotation.plain(element)) does not contain declared merge key: \(key)")
      }
      let position = result.firstIndex { $0[key] == value }
      if element["$patch"] == "delete" {
        result.removeAll { $0[key] == value }
      } else if let position {
        result[position] = try merged(element, result[position], items)
      } else {
        fresh.append(try added(element, items))
      }
    }
    return arranged(result, fresh, patch, key)
  }

  /// Elements of the patch come in its order, before the element that followed them; the others
  /// keep their places. Without a `$setElementOrder` new elements that the patch lists alone go
  /// first.
  private static func arranged(
    _ kept: [JSONValue], _ fresh: [JSONValue], _ patch: [JSONValue], _ key: String
  ) -> [JSONValue] {
    let patchKeys = patch.compactMap { $0[key] }
    let all = kept + fresh
    let fromPatch = patchKeys.compactMap { value in all.first { $0[key] == value } }
    let others = kept.filter { element in !patchKeys.contains(element[key] ?? .null) }
    return interleaved(fromPatch, others, kept, key)
  }

  /// Merges two lists: `first` keeps its order, and an element of `others` goes before the first
  /// element of `first` that stood after it originally.
  private static func interleaved(
    _ first: [JSONValue], _ others: [JSONValue], _ original: [JSONValue], _ key: String?
  ) -> [JSONValue] {
    func position(_ element: JSONValue) -> Int? {
      original.firstIndex { a in key.map { a[$0] == element[$0] } ?? (a == element) }
    }
    var result: [JSONValue] = []
    var (i, j) = (0, 0)
    while i < first.count && j < others.count {
      // An element that was not there before stays in front of what follows it in the patch.
      if let a = position(first[i]), let b = position(others[j]), b < a {
        result.append(others[j])
        j += 1
      } else {
        result.append(first[i])
        i += 1
      }
    }
    return result + first[i...] + others[j...]
  }

  private static func ordered(
    _ elements: [JSONValue], by order: [JSONValue], _ key: String?, before: [JSONValue]
  ) -> [JSONValue] {
    func rank(_ element: JSONValue) -> Int? {
      order.firstIndex { wanted in
        guard let key else { return wanted == element }
        return (wanted[key] ?? wanted) == (element[key] ?? element)
      }
    }
    let listed = elements.compactMap { element in rank(element).map { ($0, element) } }
      .sorted { $0.0 < $1.0 }.map(\.1)
    let others = elements.filter { rank($0) == nil }
    return interleaved(listed, others, before, key)
  }
}
