import JSON

/// One step into an object: a field, an element of a list by key or by value, or by position.
///
/// The text form is that of `fieldsV1`: `f:name`, `k:{"name":"c"}`, `v:"a"`, `i:0`.
/// https://github.com/kubernetes-sigs/structured-merge-diff/tree/master/fieldpath
enum PathElement: Sendable, Hashable {
  struct KeyField: Sendable, Hashable {
    var name: String
    var value: JSONValue
  }

  case field(String)
  /// Sorted by name.
  case key([KeyField])
  case value(JSONValue)
  case index(Int)

  /// Nil when the text is none of the four forms.
  init?(fieldsV1 text: String) {
    // By bytes: every write of an object reads all of its `managedFields`.
    let bytes = text.utf8
    guard let form = bytes.first, bytes.dropFirst().first == UInt8(ascii: ":") else { return nil }
    let rest = String(text[bytes.index(text.startIndex, offsetBy: 2)...])
    switch form {
    case UInt8(ascii: "f"): self = .field(rest)
    case UInt8(ascii: "v"):
      guard let value = try? JSONValue(parsing: rest) else { return nil }
      self = .value(value)
    case UInt8(ascii: "k"):
      guard let object = (try? JSONValue(parsing: rest))?.object else { return nil }
      self = .key(object.sortedByKey().map { KeyField(name: $0.key, value: $0.value) })
    case UInt8(ascii: "i"):
      guard let index = Int(rest) else { return nil }
      self = .index(index)
    default: return nil
    }
  }

  var fieldsV1: String {
    switch self {
    case .field(let name): return "f:\(name)"
    case .value(let value): return "v:\(value.serialized(.canonical))"
    case .key(let fields):
      let object = JSONObject(fields.map { (key: $0.name, value: $0.value) })
      return "k:\(JSONValue.object(object).serialized())"
    case .index(let index): return "i:\(index)"
    }
  }

  /// As in messages: `.name`, `[name="c"]`, `[="a"]`, `[0]`.
  var path: String {
    switch self {
    case .field(let name): return ".\(name)"
    case .value(let value): return "[=\(value.serialized())]"
    case .key(let fields):
      return "[" + fields.map { "\($0.name)=\($0.value.serialized())" }.joined(separator: ",")
        + "]"
    case .index(let index): return "[\(index)]"
    }
  }
}
