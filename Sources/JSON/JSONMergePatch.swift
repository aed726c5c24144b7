extension JSONValue {
  /// Applies a JSON merge patch (RFC 7386): members replace, null members delete, objects merge,
  /// and everything else (arrays too) replaces as a whole.
  public mutating func applyMergePatch(_ patch: JSONValue) {
    guard case .object(let changes) = patch else {
      self = patch
      return
    }
    var object: JSONObject
    if case .object(let existing) = self { object = existing } else { object = JSONObject() }
    self = .null  // keeps the storage uniquely referenced while it changes
    for (key, change) in changes {
      if change.isNull {
        object.removeValue(forKey: key)
      } else if let position = object.position(of: key) {
        object.entries[position].value.applyMergePatch(change)
      } else {
        // Nulls inside a new object delete nothing, but they must not arrive either.
        var value = JSONValue.null
        value.applyMergePatch(change)
        object[key] = value
      }
    }
    self = .object(object)
  }

  public func applyingMergePatch(_ patch: JSONValue) -> JSONValue {
    var copy = self
    copy.applyMergePatch(patch)
    return copy
  }

  /// The smallest merge patch that makes `old` into `new`; an empty object for equal objects.
  ///
  /// RFC 7386 cannot express a member whose value is null: such members of `new` end up absent.
  public static func mergePatch(from old: JSONValue, to new: JSONValue) -> JSONValue {
    guard case .object(let old) = old, case .object(let new) = new else { return new }
    var patch = JSONObject()
    for (key, value) in new {
      guard let previous = old[key] else {
        patch[key] = value
        continue
      }
      if previous == value { continue }
      if case .object = previous, case .object = value {
        patch[key] = mergePatch(from: previous, to: value)
      } else {
        patch[key] = value
      }
    }
    for (key, _) in old where new.position(of: key) == nil { patch[key] = .null }
    return .object(patch)
  }
}
