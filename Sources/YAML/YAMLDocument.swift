public import JSON

/// One document of a file, with the place of everything in it.
public struct YAMLDocument: Sendable {
  public var value: JSONValue
  public var file: String
  /// Among the documents of its file that are not empty, counted from 0.
  public var index: Int
  /// Where its value begins, counted from 1.
  public var line: Int
  /// Whether errors were reported inside it: `value` then lacks what could not be read.
  public var isFaulty = false

  /// What was read; positions belong to it even when `value` is changed later.
  private let original: JSONValue
  private let positions: Positions

  enum Positions: Sendable {
    case yaml(PositionMap)
    case json(LazyJSONPositions)
  }

  init(value: JSONValue, file: String, index: Int, line: Int, positions: Positions) {
    self.value = value
    self.original = value
    self.file = file
    self.index = index
    self.line = line
    self.positions = positions
  }
}

/// Where a value stands in its file.
public struct YAMLLocation: Sendable, Hashable {
  /// Of the value's first character, or of the alias that stands for it.
  public var value: YAMLPosition
  /// Of the member name; nil for elements of arrays and for the root.
  public var key: YAMLPosition?
}

extension YAMLDocument {
  /// Where the value is; nil when the document has no such value.
  public func location(of pointer: JSONPointer) -> YAMLLocation? {
    let (location, depth) = find(pointer)
    return depth == pointer.tokens.count ? location : nil
  }

  /// Where the value is or, when it is missing, where the innermost value around it is.
  public func nearestLocation(of pointer: JSONPointer) -> YAMLLocation { find(pointer).location }

  /// An error that names the place of a value. `atKey` points at the member name, which is what an
  /// unknown field wants.
  public func error(
    at pointer: JSONPointer, atKey: Bool = false, path: String? = nil, message: String,
    hint: String? = nil
  ) -> YAMLError {
    let (location, depth) = find(pointer)
    let usesKey = atKey && depth == pointer.tokens.count
    return YAMLError(
      file: file, position: usesKey ? location.key ?? location.value : location.value,
      path: path ?? pathText(pointer), message: message, hint: hint)
  }

  private func find(_ pointer: JSONPointer) -> (location: YAMLLocation, depth: Int) {
    switch positions {
    case .yaml(let map): map.find(pointer.tokens, in: original)
    case .json(let lazy): lazy.map.find(pointer.tokens, in: original)
    }
  }

  private func pathText(_ pointer: JSONPointer) -> String {
    var value: JSONValue? = original
    var path: [PathComponent] = []
    for token in pointer.tokens {
      if case .array(let array) = value, let index = Int(token) {
        path.append(.index(index))
        value = array.indices.contains(index) ? array[index] : nil
      } else {
        path.append(.key(token))
        value = value?[token]
      }
    }
    return PathComponent.text(path)
  }
}
