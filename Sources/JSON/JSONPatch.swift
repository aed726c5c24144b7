/// A list of operations that change a document (RFC 6902).
public struct JSONPatch: Sendable, Hashable {
  public enum Operation: Sendable, Hashable {
    case add(JSONPointer, JSONValue)
    case remove(JSONPointer)
    case replace(JSONPointer, JSONValue)
    case move(from: JSONPointer, to: JSONPointer)
    case copy(from: JSONPointer, to: JSONPointer)
    case test(JSONPointer, JSONValue)

    public var name: String {
      switch self {
      case .add: "add"
      case .remove: "remove"
      case .replace: "replace"
      case .move: "move"
      case .copy: "copy"
      case .test: "test"
      }
    }

    /// The place that changes, or is tested.
    public var path: JSONPointer {
      switch self {
      case .add(let path, _), .remove(let path), .replace(let path, _), .move(_, let path),
        .copy(_, let path), .test(let path, _):
        path
      }
    }
  }

  public var operations: [Operation]

  /// As the API server: https://github.com/kubernetes/kubernetes/pull/73805
  public static let maximumOperations = 10_000
  /// Bounds what a chain of `copy` operations, each doubling the document, can make.
  public static let maximumCopiedNodes = 1_000_000

  public init(_ operations: [Operation] = []) { self.operations = operations }

  /// Applies the operations in order. All or nothing: an error leaves no partial result.
  public func applied(to document: JSONValue) throws(JSONPatchError) -> JSONValue {
    var document = document
    var copied = 0
    for (index, operation) in operations.enumerated() {
      func failure(_ reason: JSONPatchError.Reason, _ message: String) -> JSONPatchError {
        JSONPatchError(
          index: index, operation: operation.name, path: operation.path.description,
          reason: reason, message: message)
      }
      let holds: Bool
      do throws(JSONPointerError) {
        holds = try operation.apply(to: &document, &copied)
      } catch {
        throw failure(error.reason == .malformed ? .malformed : .pathNotFound, error.description)
      }
      if !holds { throw failure(.testFailed, "the value there is not the expected one") }
      if copied > Self.maximumCopiedNodes {
        throw failure(.tooLarge, "copies more than \(Self.maximumCopiedNodes) values in all")
      }
    }
    return document
  }
}

/// Why a JSON patch cannot be read or applied.
public struct JSONPatchError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable {
    case malformed
    case pathNotFound
    /// A `test` operation found another value.
    case testFailed
    case tooLarge
  }

  /// Which operation, counted from 0; nil when the patch as a whole is wrong.
  public var index: Int?
  public var operation: String?
  public var path: String?
  public var reason: Reason
  public var message: String

  public var description: String {
    var place = "JSON patch"
    if let index { place += ", operation \(index)" }
    if let operation { place += " (\(operation)\(path.map { " \($0)" } ?? ""))" }
    return "\(place): \(message)"
  }
}

extension JSONPatch.Operation {
  /// False when this is a `test` that fails.
  fileprivate func apply(
    to document: inout JSONValue, _ copied: inout Int
  ) throws(JSONPointerError) -> Bool {
    switch self {
    case .add(let path, let value): try document.insert(value, at: path)
    case .remove(let path): try document.remove(at: path)
    case .replace(let path, let value):
      _ = try document.existing(at: path)
      try document.set(value, at: path)
    case .move(let from, let path):
      if from == path {
        _ = try document.existing(at: from)
        break
      }
      if from.contains(path) {
        throw JSONPointerError(
          pointer: from.description, reason: .malformed, message: "cannot move into itself")
      }
      let value = try document.remove(at: from)
      try document.insert(value, at: path)
    case .copy(let from, let path):
      let value = try document.existing(at: from)
      copied += value.nodeCount(upTo: JSONPatch.maximumCopiedNodes)
      guard copied <= JSONPatch.maximumCopiedNodes else { return true }
      try document.insert(value, at: path)
    case .test(let path, let value):
      guard let found = document[path] else { return false }
      return found.isEquivalent(to: value)
    }
    return true
  }
}

extension JSONValue {
  fileprivate func existing(at pointer: JSONPointer) throws(JSONPointerError) -> JSONValue {
    guard let value = self[pointer] else {
      throw JSONPointerError(
        pointer: pointer.description, reason: .notFound, message: "there is no such value")
    }
    return value
  }

  /// Values in the tree, this one included; counting stops soon after `limit`.
  func nodeCount(upTo limit: Int = .max) -> Int {
    var count = 1
    switch self {
    case .array(let values):
      for value in values where count <= limit { count += value.nodeCount(upTo: limit - count) }
    case .object(let object):
      for (_, value) in object where count <= limit {
        count += value.nodeCount(upTo: limit - count)
      }
    default: break
    }
    return count
  }

  /// Equality as RFC 6902 section 4.6 has it: numbers are equal when their values are, so 1 is 1.0.
  public func isEquivalent(to other: JSONValue) -> Bool {
    switch (self, other) {
    case (.int(let a), .double(let b)), (.double(let b), .int(let a)): Int64(exactly: b) == a
    case (.array(let a), .array(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.isEquivalent(to: $1) }
    case (.object(let a), .object(let b)):
      a.count == b.count && a.allSatisfy { b[$0.key]?.isEquivalent(to: $0.value) ?? false }
    default: self == other
    }
  }
}
