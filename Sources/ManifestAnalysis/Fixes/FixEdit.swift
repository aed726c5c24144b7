public import JSON

/// A change of a document that means one thing, so that its text can be changed and checked.
public enum FixEdit: Sendable, Hashable {
  /// Another text as the value.
  case replace(JSONPointer, with: String)
  case renameKey(JSONPointer, to: String)
  case remove(JSONPointer)
  /// A new member after another one of the same object.
  case insert(String, JSONValue, after: JSONPointer)

  var pointer: JSONPointer {
    switch self {
    case .replace(let pointer, _), .renameKey(let pointer, _), .remove(let pointer),
      .insert(_, _, let pointer):
      pointer
    }
  }
}

extension JSONValue {
  /// The value after an edit; nil when it does not apply.
  func applying(_ edit: FixEdit) -> JSONValue? {
    let pointer = edit.pointer
    guard let last = pointer.tokens.last, let old = self[pointer] else { return nil }
    let parent = JSONPointer(tokens: pointer.tokens.dropLast())
    guard case .object(let object)? = self[parent] else { return nil }
    var members: [(String, JSONValue)] = object.map { ($0, $1) }
    guard let index = members.firstIndex(where: { $0.0 == last }) else { return nil }
    switch edit {
    case .replace(_, let text):
      guard old.string != nil else { return nil }
      members[index].1 = .string(text)
    case .renameKey(_, let name):
      guard object[name] == nil else { return nil }
      members[index].0 = name
    case .remove: members.remove(at: index)
    case .insert(let name, let value, _):
      guard object[name] == nil else { return nil }
      members.insert((name, value), at: index + 1)
    }
    // An object that is left empty goes too: a key without a value would be null.
    if members.isEmpty, !parent.isRoot { return applying(.remove(parent)) }
    var result = self
    do {
      try result.set(.object(JSONObject(members.map { ($0.0, $0.1) })), at: parent)
    } catch {
      return nil
    }
    return result
  }
}
