extension JSONValue {
  /// The value at a place; nil when there is none.
  public subscript(pointer: JSONPointer) -> JSONValue? {
    var value = self
    for token in pointer.tokens {
      switch value {
      case .object(let object):
        guard let member = object[token] else { return nil }
        value = member
      case .array(let array):
        guard let index = JSONPointer.arrayIndex(token), array.indices.contains(index) else {
          return nil
        }
        value = array[index]
      default: return nil
      }
    }
    return value
  }

  /// Replaces the value at a place, or adds it as a member of the object there or, with the token
  /// `-`, at the end of the array there. Containers on the way must exist.
  public mutating func set(_ value: JSONValue, at pointer: JSONPointer) throws(JSONPointerError) {
    guard let last = pointer.tokens.last else {
      self = value
      return
    }
    try change(pointer, pointer.tokens.dropLast()[...]) { (container) throws(JSONPointerError) in
      switch container {
      case .object: container[last] = value
      case .array where last == "-": container.append(value)
      case .array(let array):
        let index = try pointer.index(last, below: array.count)
        container.withArray { $0[index] = value }
      default: throw pointer.notAContainer(container)
      }
    }
  }

  /// RFC 6902 "add": like `set`, but an index of an array inserts before that element.
  public mutating func insert(_ value: JSONValue, at pointer: JSONPointer) throws(JSONPointerError)
  {
    guard let last = pointer.tokens.last else {
      self = value
      return
    }
    try change(pointer, pointer.tokens.dropLast()[...]) { (container) throws(JSONPointerError) in
      switch container {
      case .object: container[last] = value
      case .array(let array):
        let count = array.count
        let index = last == "-" ? count : try pointer.index(last, below: count + 1)
        container.withArray { $0.insert(value, at: index) }
      default: throw pointer.notAContainer(container)
      }
    }
  }

  /// Removes the value at a place, which must exist. Removing the root leaves null.
  @discardableResult
  public mutating func remove(at pointer: JSONPointer) throws(JSONPointerError) -> JSONValue {
    guard let last = pointer.tokens.last else {
      defer { self = .null }
      return self
    }
    return try change(pointer, pointer.tokens.dropLast()[...]) {
      (container) throws(JSONPointerError) in
      switch container {
      case .object(let object):
        guard let value = object[last] else { throw pointer.noMember(last) }
        container[last] = nil
        return value
      case .array(let array):
        let index = try pointer.index(last, below: array.count)
        container.withArray { _ = $0.remove(at: index) }
        return array[index]
      default: throw pointer.notAContainer(container)
      }
    }
  }

  /// Runs `body` on the value behind `tokens`, in place.
  private mutating func change<Result>(
    _ pointer: JSONPointer, _ tokens: ArraySlice<String>,
    _ body: (inout JSONValue) throws(JSONPointerError) -> Result
  ) throws(JSONPointerError) -> Result {
    guard let token = tokens.first else { return try body(&self) }
    // `self` is null while its storage is changed, so that nothing is copied.
    switch self {
    case .object(var object):
      guard let position = object.position(of: token) else { throw pointer.noMember(token) }
      self = .null
      defer { self = .object(object) }
      return try object.entries[position].value.change(pointer, tokens.dropFirst(), body)
    case .array(var array):
      let index = try pointer.index(token, below: array.count)
      self = .null
      defer { self = .array(array) }
      return try array[index].change(pointer, tokens.dropFirst(), body)
    default: throw pointer.notAContainer(self)
    }
  }

  private mutating func append(_ value: JSONValue) { withArray { $0.append(value) } }

  private mutating func withArray(_ body: (inout [JSONValue]) -> Void) {
    guard case .array(var array) = self else { return }
    self = .null
    body(&array)
    self = .array(array)
  }
}

extension JSONPointer {
  fileprivate func noMember(_ name: String) -> JSONPointerError {
    JSONPointerError(
      pointer: description, reason: .notFound, message: "there is no member \"\(name)\"")
  }

  fileprivate func notAContainer(_ value: JSONValue) -> JSONPointerError {
    JSONPointerError(
      pointer: description, reason: .notAContainer,
      message: "leads through a value of type \(value.typeName)")
  }

  fileprivate func index(_ token: String, below end: Int) throws(JSONPointerError) -> Int {
    guard let index = Self.arrayIndex(token) else {
      throw JSONPointerError(
        pointer: description, reason: .notAContainer,
        message: "\"\(token)\" is no index of an array")
    }
    guard index < end else {
      throw JSONPointerError(
        pointer: description, reason: .notFound,
        message: "index \(index) is outside the array of \(end) elements")
    }
    return index
  }
}
